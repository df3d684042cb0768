// What tests may do to the fake.

export class Fake {
  lostSince: string | undefined;
  refuse: [status: number, code: string, message: string] | undefined;
  speed: number;
  requests: number;
  asked(path: string): number;
  listen(port?: number): Promise<string>;
  close(): Promise<void>;
}

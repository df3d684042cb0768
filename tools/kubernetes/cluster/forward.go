package main

import (
	"context"
	"io"
	"net"
	"os"
	"strconv"
	"sync"

	"deals.example/tools/kubernetes/node"
)

// firstInherited is the descriptor of the first inherited file.
const firstInherited = 3

// doors are listeners outside of the machine. Each leads to an address inside.
type doors struct {
	listeners []net.Listener
	files     []*os.File // of the listeners, for the machine
	to        []string   // addresses
}

// open adds a listener on the port of 127.0.0.1, 0 for any, and returns its address.
func (d *doors) open(port int, to string) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))) //nolint:noctx // returns at once
	if err != nil {
		return "", err
	}
	d.listeners = append(d.listeners, listener)
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return "", err
	}
	d.files, d.to = append(d.files, file), append(d.to, to)
	return listener.Addr().String(), nil
}

// close closes this process's side of the listeners.
func (d *doors) close() {
	for _, listener := range d.listeners {
		_ = listener.Close()
	}
	for _, file := range d.files {
		_ = file.Close()
	}
}

func inherited(i int) (net.Listener, error) {
	file := os.NewFile(uintptr(firstInherited+i), "listener")
	defer func() { _ = file.Close() }()
	return net.FileListener(file)
}

// forward connects each client of the listener to the address, whose name the DNS of the cluster knows.
func forward(ctx context.Context, listener net.Listener, address string) {
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go connect(ctx, client, address)
	}
}

// connect copies bytes both ways until both sides have ended. A client of an address that does not answer is disconnected.
func connect(ctx context.Context, client net.Conn, address string) {
	defer func() { _ = client.Close() }()
	server, err := node.Dial(ctx, address)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var both sync.WaitGroup
	both.Go(func() { pipe(server, client) })
	both.Go(func() { pipe(client, server) })
	both.Wait()
}

// pipe copies until from ends, and then ends to.
func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.(*net.TCPConn).CloseWrite()
}

package schema

import (
	"errors"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Fields of TaskMessage in asynq.proto.
const (
	fieldRetried = 6
	fieldHeaders = 15
)

var errNoMessage = errors.New("not a task message of asynq")

// WithoutRetries returns a copy of a task message with its count of retries removed.
func WithoutRetries(message []byte) ([]byte, error) {
	fresh := make([]byte, 0, len(message))
	for rest := message; len(rest) > 0; {
		field, kind, tag := protowire.ConsumeTag(rest)
		if tag < 0 {
			return nil, errNoMessage
		}
		length := protowire.ConsumeFieldValue(field, kind, rest[tag:])
		if length < 0 {
			return nil, errNoMessage
		}
		if field != fieldRetried {
			fresh = append(fresh, rest[:tag+length]...)
		}
		rest = rest[tag+length:]
	}
	return fresh, nil
}

// WithHeader returns a copy of a task message with a header set.
func WithHeader(message []byte, header, value string) []byte {
	// A map is a list of pairs of key (1) and value (2). The last pair of a key counts.
	var pair []byte
	pair = protowire.AppendTag(pair, 1, protowire.BytesType)
	pair = protowire.AppendString(pair, header)
	pair = protowire.AppendTag(pair, 2, protowire.BytesType)
	pair = protowire.AppendString(pair, value)
	changed := protowire.AppendTag(slices.Clone(message), fieldHeaders, protowire.BytesType)
	return protowire.AppendBytes(changed, pair)
}

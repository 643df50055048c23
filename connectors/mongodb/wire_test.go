package mongodb_test

import (
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
)

// wire is a server of MongoDB's protocol that answers each command as a test
// says: for values that the real server of our tests does not know, and for
// faults that it does not have.
type wire struct {
	listener net.Listener
	wait     sync.WaitGroup
	mu       sync.Mutex
	lines    []net.Conn
}

// answer returns the reply to a command, nil for the usual one, or hangs up.
type answer func(command string, body bson.Raw) (reply bson.D, hangUp bool)

func newWire(t *testing.T, say answer) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l}
	w.wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.lines = append(w.lines, c)
			w.mu.Unlock()
			w.wait.Go(func() { w.serve(c, say) })
		}
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		w.mu.Lock()
		for _, c := range w.lines {
			c.Close()
		}
		w.mu.Unlock()
		w.wait.Wait()
	})
	return w
}

func (w *wire) url() string { return "mongodb://" + w.listener.Addr().String() + "/crm" }

const (
	opReply, opQuery, opMsg = 1, 2004, 2013
)

func (w *wire) serve(c net.Conn, say answer) {
	defer c.Close()
	for {
		head := make([]byte, 16)
		if _, err := io.ReadFull(c, head); err != nil {
			return
		}
		body := make([]byte, binary.LittleEndian.Uint32(head)-16)
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		op := binary.LittleEndian.Uint32(head[12:])
		at := 5 // OP_MSG: flags and the kind of the first section
		if op == opQuery {
			at = 4
			for body[at] != 0 {
				at++
			}
			at += 9
		}
		command := bson.Raw(body[at : at+int(binary.LittleEndian.Uint32(body[at:]))])
		elements, err := command.Elements()
		if err != nil {
			return
		}
		name := elements[0].Key()
		reply, hangUp := say(name, command)
		if hangUp {
			return
		}
		if reply == nil {
			reply = usual(name)
		}
		raw, err := bson.Marshal(reply)
		if err != nil {
			return
		}
		front := make([]byte, 16, 64)
		binary.LittleEndian.PutUint32(front[8:], binary.LittleEndian.Uint32(head[4:]))
		if op == opQuery {
			binary.LittleEndian.PutUint32(front[12:], opReply)
			front = append(front, make([]byte, 20)...)
			binary.LittleEndian.PutUint32(front[32:], 1)
		} else {
			binary.LittleEndian.PutUint32(front[12:], opMsg)
			front = append(front, 0, 0, 0, 0, 0)
		}
		front = append(front, raw...)
		binary.LittleEndian.PutUint32(front, uint32(len(front)))
		if _, err := c.Write(front); err != nil {
			return
		}
	}
}

func usual(command string) bson.D {
	switch command {
	case "hello", "isMaster", "ismaster":
		return doc("ok", 1, "ismaster", true, "helloOk", true, "maxBsonObjectSize", int32(16<<20), "maxMessageSizeBytes", int32(48000000),
			"maxWriteBatchSize", int32(100000), "minWireVersion", int32(0), "maxWireVersion", int32(17), "readOnly", false)
	case "listCollections":
		return found("crm.$cmd.listCollections", doc("name", "people", "type", "collection", "options", doc(), "info", doc("readOnly", false)))
	}
	return doc("ok", 1)
}

// found is a reply with all documents in its first batch.
func found(ns string, docs ...any) bson.D { return foundMore(0, ns, docs...) }

// foundMore says that the cursor of that id has more.
func foundMore(id int64, ns string, docs ...any) bson.D {
	return doc("ok", 1, "cursor", doc("id", id, "ns", ns, "firstBatch", bson.A(docs)))
}

func failed(code int32, name string) bson.D {
	return doc("ok", 0, "errmsg", "canary-secret in the server's own words", "code", code, "codeName", name)
}

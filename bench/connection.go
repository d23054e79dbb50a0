package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"time"
)

// connection speaks as much HTTP/1.1 as the load needs, and costs little: pgbench, on the other side, is a lean client too.
type connection struct {
	net.Conn
	in      *bufio.Reader
	address string
	request []byte
	body    bytes.Buffer // of the latest answer
}

// patience is how long an answer may take.
const patience = 30 * time.Second

// dial opens a connection that ends with the context.
func dial(ctx context.Context, address string) (*connection, error) {
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = c.Close() })
	return &connection{Conn: c, in: bufio.NewReaderSize(c, 16<<10), address: address}, nil
}

// send sends a request and reads the answer, whose status must be 200. The body is good until the next one.
func (c *connection) send(method, path, token string, body []byte) ([]byte, error) {
	r := append(c.request[:0], method...)
	r = append(append(append(r, ' '), path...), " HTTP/1.1\r\nHost: "...)
	r = append(append(r, c.address...), "\r\nAuthorization: Bearer "...)
	r = append(append(r, token...), "\r\n"...)
	if body != nil {
		r = append(r, "Content-Type: application/json\r\nContent-Length: "...)
		r = append(strconv.AppendInt(r, int64(len(body)), 10), "\r\n"...)
	}
	r = append(append(r, "\r\n"...), body...)
	c.request = r
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	if _, err := c.Write(r); err != nil {
		return nil, err
	}
	status, err := c.read()
	if err == nil && status != 200 {
		err = fmt.Errorf("status %d: %.300s", status, c.body.Bytes())
	}
	return c.body.Bytes(), err
}

// read reads an answer to its end; its status.
func (c *connection) read() (status int, err error) {
	line, err := c.line()
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return 0, fmt.Errorf("not HTTP: %.60q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("not HTTP: %.60q", line)
	}
	length, chunked := int64(-1), false
	for {
		if line, err = c.line(); err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.TrimSpace(value); {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		}
	}
	c.body.Reset()
	switch {
	case chunked:
		if _, err = c.body.ReadFrom(httputil.NewChunkedReader(c.in)); err == nil {
			_, err = c.line() // the chunked reader leaves the last line break
		}
	case length >= 0:
		_, err = io.CopyN(&c.body, c.in, length)
	default:
		err = errors.New("an answer without a length")
	}
	return status, err
}

// line reads a line; it is good until the next one.
func (c *connection) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

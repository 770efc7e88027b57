package main

import (
	"fmt"

	"ippool-webhook/test/worst/bodies"
)

// subject is a body for one path.
type subject struct {
	name      string
	request   string // operation, and how an update changes the object
	operation string
	path      string
	size      int
	chunked   bool
	body      func() []byte // generated on demand, because all bodies together are too large
}

// hostile returns the subjects of all selected kinds, for one size and path.
func (o *options) hostile(size int, path string) []subject {
	var subjects []subject
	for _, kind := range bodies.Kinds() {
		if !o.only.MatchString(kind.Name) {
			continue
		}
		for _, request := range kind.Requests() {
			subjects = append(subjects, subject{
				name: kind.Name, request: request.String(), operation: request.Operation, path: path, size: size, chunked: kind.Chunked,
				body: func() []byte { return kind.Body(size, request) },
			})
		}
	}
	return subjects
}

// healthy returns the subject for comparison with others of its size, operation and path.
func healthy(size int, operation, path string) subject {
	body := bodies.Healthy(size, operation)
	return subject{name: "healthy", request: operation, operation: operation, path: path, size: size, body: func() []byte { return body }}
}

func (s subject) String() string {
	return fmt.Sprintf("%s (%s, %s, %s)", s.name, s.request, mebibytes(int64(s.size)), pathName(s.path))
}

// pathName returns the name of a path in reports.
func pathName(path string) string {
	if path == mutatePath {
		return "mutate"
	}
	return "validate"
}

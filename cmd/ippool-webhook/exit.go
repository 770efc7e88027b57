package main

import "errors"

// exitError is an error that ends the command with a code of its own.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// exitCode returns the code for what a command returned: 0 for nothing, and 1 for an error that asks for no other.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit := (exitError{}); errors.As(err, &exit) {
		return exit.code
	}
	return 1
}

package main

import "errors"

// exitError is an error that ends the command with its own exit code.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// exitCode returns the exit code for the error of a command: 0 without an error, the code of an exitError, and 1 for another error.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit := (exitError{}); errors.As(err, &exit) {
		return exit.code
	}
	return 1
}

package main

import "errors"

// exitError is an error with an exit code.
type exitError struct {
	error
	code int
}

func (e exitError) Unwrap() error { return e.error }

// exitNotDone is the exit code of a command that could not do its work.
const exitNotDone = 2

// exitCode returns the exit code of a command: 0 without an error, the code of an exitError, or exitNotDone for any other error.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if exit := (exitError{}); errors.As(err, &exit) {
		return exit.code
	}
	return exitNotDone
}

package main

import (
	"github.com/go-logr/logr"
	"github.com/go-logr/zapr"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	ctrlzap "sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// newLogger returns a logger that the flags configure, without the sampling that controller-runtime adds. Sampling drops most
// lines with the same message after the first hundred in a second: many denials of one client would hide those of another client.
func newLogger(o *ctrlzap.Options) logr.Logger {
	var core zapcore.Core
	keep := zap.WrapCore(func(c zapcore.Core) zapcore.Core {
		core = c
		return c
	})
	unsampled := zap.WrapCore(func(zapcore.Core) zapcore.Core { return core })
	return zapr.NewLogger(ctrlzap.NewRaw(ctrlzap.UseFlagOptions(o), ctrlzap.RawZapOpts(keep)).WithOptions(unsampled))
}

package environment

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"time"
)

// StandIn stops the process and lets handler answer in its place, with its certificate, until the returned function is called.
// After that, neither of them runs.
func (w *Webhook) StandIn(ctx context.Context, handler http.Handler) (stop func() error, err error) {
	if err := w.Stop(ctx); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", w.address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() {
		ended <- server.ServeTLS(listener, filepath.Join(w.certDir, "tls.crt"), filepath.Join(w.certDir, "tls.key"))
	}()
	return func() error {
		err := server.Close()
		if serving := <-ended; !errors.Is(serving, http.ErrServerClosed) {
			err = errors.Join(err, serving)
		}
		return err
	}, nil
}

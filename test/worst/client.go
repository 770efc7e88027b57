package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"

	"ippool-webhook/test/worst/bodies"
)

// The paths of the webhooks in the webhook configurations.
const (
	validatePath = "/validate-whereabouts-cni-cncf-io-v1alpha1-ippool"
	mutatePath   = "/mutate-whereabouts-cni-cncf-io-v1alpha1-ippool"
)

// client sends reviews over its own connection, with HTTP/2 if the server supports it, as a kube-apiserver does.
type client struct {
	http    http.Client
	address string
}

func (p *process) newClient() *client {
	transport := &http.Transport{
		TLSClientConfig: p.tls.Clone(), ForceAttemptHTTP2: true, DisableCompression: true,
		DialContext: (&net.Dialer{}).DialContext,
	}
	return &client{http: http.Client{Transport: transport}, address: p.address}
}

// connectMany returns clients that have sent a small review, so that no measurement includes a TLS handshake. After an error,
// it returns the clients so far.
func (p *process) connectMany(ctx context.Context, n int) ([]*client, error) {
	small := bodies.Small()
	clients := make([]*client, n)
	for i := range clients {
		clients[i] = p.newClient()
		if _, err := clients[i].status(ctx, validatePath, small, false); err != nil {
			return clients[:i+1], fmt.Errorf("cannot send a small review: %w", err)
		}
	}
	return clients, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// post sends a review and returns the status of the response and its body, which the caller closes.
func (c *client) post(ctx context.Context, path string, body []byte, chunked bool) (*http.Response, error) {
	var reader io.Reader = bytes.NewReader(body)
	if chunked {
		reader = io.MultiReader(reader) // hides the length from net/http
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+c.address+path, reader)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return c.http.Do(request)
}

// status sends a review, reads the whole response and returns its HTTP status.
func (c *client) status(ctx context.Context, path string, body []byte, chunked bool) (int, error) {
	response, err := c.post(ctx, path, body, chunked)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return response.StatusCode, err
}

// decision sends a review and returns the decision, or the HTTP status if it is not 200.
func (c *client) decision(ctx context.Context, path string, body []byte, chunked bool) (string, error) {
	response, err := c.post(ctx, path, body, chunked)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK {
		return strconv.Itoa(response.StatusCode), err
	}
	var review struct {
		Response struct {
			Allowed bool
			Status  struct{ Code int }
		}
	}
	if err := json.Unmarshal(text, &review); err != nil {
		return "", fmt.Errorf("cannot decode the response: %w", err)
	}
	if review.Response.Allowed {
		return "allowed", nil
	}
	return "denied " + strconv.Itoa(review.Response.Status.Code), nil
}

package main

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const program = "/ippool-webhook"

// newImage returns an image that contains only a binary. It runs the binary as the user nonroot of distroless.
func newImage(r release, platform *v1.Platform, binary string) (v1.Image, error) {
	layer, err := newLayer(r, binary)
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.Append(image, mutate.Addendum{Layer: layer, MediaType: types.OCILayer}); err != nil {
		return nil, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = platform.OS, platform.Architecture
	config.Created = v1.Time{Time: r.date}
	config.Config = v1.Config{
		Entrypoint: []string{program},
		Cmd:        []string{"serve"},
		User:       "65532:65532",
		Labels: map[string]string{
			"org.opencontainers.image.title":       "ippool-webhook",
			"org.opencontainers.image.description": "Validates and normalizes the IPPools of Whereabouts",
			"org.opencontainers.image.version":     r.version,
			"org.opencontainers.image.revision":    r.commit,
			"org.opencontainers.image.created":     r.date.Format(time.RFC3339),
			"org.opencontainers.image.licenses":    "Apache-2.0",
		},
	}
	return mutate.ConfigFile(image, config)
}

// newLayer returns a layer with a binary.
func newLayer(r release, binary string) (v1.Layer, error) {
	content, err := os.ReadFile(binary) //nolint:gosec // whoever packs an image says of what
	if err != nil {
		return nil, err
	}
	text := &bytes.Buffer{}
	archive := tar.NewWriter(text)
	header := &tar.Header{Typeflag: tar.TypeReg, Name: program[1:], Mode: 0o555, Size: int64(len(content)), ModTime: r.date, Format: tar.FormatPAX}
	if err := archive.WriteHeader(header); err != nil {
		return nil, err
	}
	if _, err := archive.Write(content); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(text.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
}

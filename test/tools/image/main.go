// Command image packs binaries of ippool-webhook into an OCI image layout, with an SBOM for each, without a container engine.
// The same input always gives the same output.
package main

import (
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/distribution/reference"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// release is the metadata of the images.
type release struct {
	version, commit string
	date            time.Time
}

// ociName and containerdName are the annotations with the name of an image: for tools that read layouts, such as skopeo, and for
// containerd, which imports only images that have a name.
const (
	ociName        = "org.opencontainers.image.ref.name"
	containerdName = "io.containerd.image.name"
)

func main() {
	out := flag.String("out", "", "new folder for the image layout")
	ref := flag.String("name", "", "name of the image, such as registry.example/ippool-webhook:v0.1.0")
	version := flag.String("version", "", "version that the program reports")
	commit := flag.String("commit", "", "commit from which the binaries were built")
	date := flag.String("date", "", "date of the commit, in RFC 3339 format")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: image -out FOLDER -name NAME -version VERSION -commit COMMIT -date DATE BINARY...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*out, *ref, *version, *commit, *date, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(out, ref, version, commit, date string, binaries []string) error {
	if out == "" || len(binaries) == 0 {
		return errors.New("-out and a binary for each platform are required")
	}
	named, err := reference.ParseDockerRef(ref)
	if err != nil {
		return fmt.Errorf("-name is invalid: must be a name such as registry.example/ippool-webhook:v0.1.0: %w", err)
	}
	tagged, ok := named.(reference.Tagged)
	if !ok {
		return errors.New("-name is invalid: must have a tag, and no digest")
	}
	at, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return fmt.Errorf("-date is invalid: must be in RFC 3339 format: %w", err)
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("-out %s exists: must be a new folder", out)
	}
	index, err := pack(release{version, commit, at.UTC()}, binaries)
	if err != nil {
		return err
	}
	digest, err := index.Digest()
	if err != nil {
		return err
	}
	// The layout contains one index, which has the name: so all platforms and SBOMs belong to it.
	if _, err := layout.Write(out, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: index, Descriptor: v1.Descriptor{
		Annotations: map[string]string{ociName: tagged.Tag(), containerdName: named.String()},
	}})); err != nil {
		return err
	}
	fmt.Println(digest)
	return nil
}

// pack returns an index of images and their SBOMs.
func pack(r release, binaries []string) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, binary := range binaries {
		platform, err := platformOf(binary)
		if err != nil {
			return nil, err
		}
		image, err := newImage(r, platform, binary)
		if err != nil {
			return nil, err
		}
		sbom, err := newSBOM(r, image, binary)
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index,
			mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: platform}},
			mutate.IndexAddendum{Add: sbom, Descriptor: v1.Descriptor{ArtifactType: spdxType}})
	}
	return index, nil
}

// platformOf returns the platform of a binary. The binary must be a Go binary for Linux without cgo.
func platformOf(binary string) (*v1.Platform, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["GOOS"] != "linux" || settings["CGO_ENABLED"] != "0" {
		return nil, fmt.Errorf("%s was built with GOOS=%s CGO_ENABLED=%s: must be linux and 0", binary, settings["GOOS"], settings["CGO_ENABLED"])
	}
	return v1.ParsePlatform(strings.Join([]string{settings["GOOS"], settings["GOARCH"]}, "/"))
}

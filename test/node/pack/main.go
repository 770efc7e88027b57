// Command pack packs static programs into the archive of an image, as docker save writes it. containerd imports such archives.
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"runtime"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func main() {
	out := flag.String("out", "", "path of the archive")
	ref := flag.String("name", "", "name of the image, with a tag")
	user := flag.String("user", "", "number of the user that runs the program (default: root)")
	busybox := flag.String("busybox", "", "path of a static busybox, to add a shell and its tools")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: pack -out FILE -name NAME PROGRAM=PATH...\nPATH is the path of the program in the image. The image runs the first program.")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(*out, *ref, *user, *busybox, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(out, ref, user, busybox string, programs []string) error {
	if out == "" {
		return errors.New("-out is required")
	}
	tag, err := name.NewTag(ref)
	if err != nil {
		return fmt.Errorf("-name is invalid: %w", err)
	}
	image, err := newImage(user, busybox, programs)
	if err != nil {
		return err
	}
	// An interrupted run leaves no broken archive.
	if err := tarball.WriteToFile(out+".new", tag, image); err != nil {
		return err
	}
	return os.Rename(out+".new", out)
}

// newImage returns an image with programs, each as PROGRAM=PATH.
func newImage(user, busybox string, programs []string) (v1.Image, error) {
	content := &bytes.Buffer{}
	archive := tar.NewWriter(content)
	// The image has no /etc/passwd, so the user of a process has no name without these variables.
	config := v1.Config{User: user, Env: []string{"USER=root", "HOME=/", "PATH=/bin"}}
	for _, program := range programs {
		source, target, found := strings.Cut(program, "=")
		if !found || !path.IsAbs(target) {
			return nil, fmt.Errorf("program %q is invalid: must be PROGRAM=PATH with an absolute PATH", program)
		}
		if config.Entrypoint == nil {
			config.Entrypoint = []string{target}
		}
		if err := add(archive, source, target); err != nil {
			return nil, err
		}
	}
	// Base images of distributions have this link. Multus uses the path of containerd for network namespaces, which is below /var/run.
	if err := link(archive, "/var/run", "/run"); err != nil {
		return nil, err
	}
	if busybox != "" {
		if err := addTools(archive, busybox); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	// The node is the only reader, so nothing is compressed.
	image, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: "linux", Architecture: runtime.GOARCH, Config: config})
	if err != nil {
		return nil, err
	}
	return mutate.AppendLayers(image, static.NewLayer(content.Bytes(), types.DockerUncompressedLayer))
}

func add(archive *tar.Writer, source, target string) error {
	program, err := os.ReadFile(source) //nolint:gosec // whoever packs an image says of what
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: target[1:], Mode: 0o755, Size: int64(len(program))}); err != nil {
		return err
	}
	_, err = archive.Write(program)
	return err
}

func link(archive *tar.Writer, path, target string) error {
	return archive.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: path[1:], Linkname: target, Mode: 0o777})
}

// addTools adds busybox and a link for each of its tools.
func addTools(archive *tar.Writer, busybox string) error {
	tools, err := exec.Command(busybox, "--list").Output() //nolint:noctx // it ends at once
	if err != nil {
		return fmt.Errorf("cannot list the tools of busybox: %w", err)
	}
	if err := add(archive, busybox, "/bin/busybox"); err != nil {
		return err
	}
	for tool := range strings.FieldsSeq(string(tools)) {
		if tool == "busybox" {
			continue
		}
		if err := link(archive, "/bin/"+tool, "busybox"); err != nil {
			return err
		}
	}
	return nil
}

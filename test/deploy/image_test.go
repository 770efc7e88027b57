package deploy

import (
	"archive/tar"
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	spdxjson "github.com/spdx/tools-golang/json"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"
)

// The metadata of the release that is packed.
const (
	releaseVersion = "v0.0.0-test"
	releaseCommit  = "0123456789abcdef0123456789abcdef01234567"
	releaseDate    = "2026-01-02T03:04:05Z"
)

// TestImage packs the image as a release does, without a container engine, and checks its content.
func TestImage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "layout")
	first := pack(t, suite.Path(), path)
	images, sboms := open(t, path)
	suite.rows.Run(t, "same digest from another folder", func(t *testing.T) {
		if again := pack(t, sources(t), filepath.Join(t.TempDir(), "again")); again != first {
			t.Errorf("digest %s, and %s in a second build", first, again)
		}
	})
	suite.rows.Run(t, "platforms", func(t *testing.T) {
		var platforms []string
		for _, image := range images {
			platforms = append(platforms, image.platform)
		}
		expect(t, "platforms", []string{"linux/amd64", "linux/arm64"}, platforms)
		expect(t, "SBOMs", len(images), len(sboms))
	})
	for _, image := range images {
		suite.rows.Run(t, image.platform+" configuration", image.expectConfiguration)
		suite.rows.Run(t, image.platform+" has one file, a static program", image.expectStatic)
		suite.rows.Run(t, image.platform+" SBOM", func(t *testing.T) { image.expectSBOM(t, sboms) })
	}
	suite.rows.Run(t, "runs", func(t *testing.T) { expectRuns(t, images) })
	suite.rows.Run(t, "Dockerfile agrees", func(t *testing.T) { expectDockerfile(t, images[0]) })
}

// pack packs an image and returns its digest.
func pack(t *testing.T, root, out string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "make", "--no-print-directory", "-C", root, "image-layout", "LAYOUT="+out, "BIN="+filepath.Join(t.TempDir(), "bin"),
		"IMAGE=registry.example/ippool-webhook:"+releaseVersion, "VERSION="+releaseVersion, "COMMIT="+releaseCommit, "DATE="+releaseDate)
	// If make runs the tests, its variables must not apply to this make.
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "MAKE") || strings.HasPrefix(variable, "MFLAGS")
	})
	var messages bytes.Buffer
	command.Stderr = &messages
	printed, err := command.Output()
	if err != nil {
		t.Fatalf("cannot pack the image: %v\n%s", err, &messages)
	}
	lines := strings.Fields(string(printed))
	digest := lines[len(lines)-1]
	if !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(digest) {
		t.Fatalf("the last line of make image-layout is no digest:\n%s", printed)
	}
	return digest
}

// sources copies the sources of an image to a folder that is not a git repository.
func sources(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{"cmd", "webhook", "certs", "manifests", filepath.Join("test", "tools", "image")} {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(suite.Path(folder))); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"Makefile", "go.mod", "go.sum", filepath.Join("test", "tools", "go.mod"), filepath.Join("test", "tools", "go.sum")} {
		text, err := os.ReadFile(suite.Path(file))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(root, file), string(text))
	}
	return root
}

// image is an image of a layout, for one platform.
type image struct {
	v1.Image
	platform string
	digest   v1.Hash
	config   *v1.ConfigFile
	binary   []byte
}

// open reads the images of a layout and their SBOMs.
func open(t *testing.T, path string) (images []*image, sboms []v1.Image) {
	t.Helper()
	index := named(t, path)
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, descriptor := range manifest.Manifests {
		read, err := index.Image(descriptor.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if descriptor.Platform == nil {
			sboms = append(sboms, read)
			continue
		}
		config, err := read.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "platform of the configuration", descriptor.Platform.String(), config.OS+"/"+config.Architecture)
		images = append(images, &image{read, descriptor.Platform.String(), descriptor.Digest, config, onlyFile(t, read)})
	}
	return images, sboms
}

// named returns the index of a layout that has the name of the image. containerd imports nothing without a name.
func named(t *testing.T, path string) v1.ImageIndex {
	t.Helper()
	layout, err := layout.ImageIndexFromPath(path)
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := layout.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "named images", 1, len(manifest.Manifests))
	expect(t, "names", map[string]string{
		"io.containerd.image.name": "registry.example/ippool-webhook:" + releaseVersion, "org.opencontainers.image.ref.name": releaseVersion,
	}, manifest.Manifests[0].Annotations)
	index, err := layout.ImageIndex(manifest.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// onlyFile returns the content of the only file of an image.
func onlyFile(t *testing.T, image v1.Image) (content []byte) {
	t.Helper()
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "layers", 1, len(layers))
	text, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = text.Close() }()
	var names []string
	for archive := tar.NewReader(text); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, header.Name)
		expect(t, "mode", int64(0o555), header.Mode)
		if content, err = io.ReadAll(archive); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, "files", []string{"ippool-webhook"}, names)
	return content
}

func (i *image) expectConfiguration(t *testing.T) {
	expect(t, "configuration", v1.Config{
		Entrypoint: []string{"/ippool-webhook"}, Cmd: []string{"serve"}, User: "65532:65532",
		Labels: map[string]string{
			"org.opencontainers.image.title": "ippool-webhook", "org.opencontainers.image.description": "Validates and normalizes the IPPools of Whereabouts",
			"org.opencontainers.image.version": releaseVersion, "org.opencontainers.image.revision": releaseCommit,
			"org.opencontainers.image.created": releaseDate, "org.opencontainers.image.licenses": "Apache-2.0",
		},
	}, i.config.Config)
}

// expectStatic expects a static program for the platform.
func (i *image) expectStatic(t *testing.T) {
	program, err := elf.NewFile(bytes.NewReader(i.binary))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "machine", map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64}[i.platform], program.Machine)
	for _, segment := range program.Progs {
		if segment.Type == elf.PT_INTERP || segment.Type == elf.PT_DYNAMIC {
			t.Errorf("the program has a segment %s, want a static program: the image has no loader", segment.Type)
		}
	}
}

// expectSBOM expects an SBOM about this image that has every module in the binary.
func (i *image) expectSBOM(t *testing.T, sboms []v1.Image) {
	info, err := buildinfo.Read(bytes.NewReader(i.binary))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"ippool-webhook " + releaseVersion, "stdlib " + info.GoVersion}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		want = append(want, module.Path+" "+module.Version)
	}
	document := sbomOf(t, i.digest, sboms)
	var got []string
	for _, p := range document.Packages {
		got = append(got, p.PackageName+" "+p.PackageVersion)
	}
	expect(t, "modules", want, got)
	expect(t, "digest", i.digest.Hex, document.Packages[0].PackageChecksums[0].Value)
}

// sbomOf returns the SBOM whose subject is the image.
func sbomOf(t *testing.T, subject v1.Hash, sboms []v1.Image) *spdx.Document {
	t.Helper()
	for _, sbom := range sboms {
		manifest, err := sbom.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if manifest.Subject == nil || manifest.Subject.Digest != subject {
			continue
		}
		layers, err := sbom.Layers()
		if err != nil {
			t.Fatal(err)
		}
		text, err := layers[0].Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = text.Close() }()
		var document spdx.Document
		if err := spdxjson.ReadInto(text, &document); err != nil {
			t.Fatal(err)
		}
		return &document
	}
	t.Fatalf("no SBOM has the subject %s", subject)
	return nil
}

// expectRuns runs the program for this machine, and expects the metadata of the release.
func expectRuns(t *testing.T, images []*image) {
	at := slices.IndexFunc(images, func(i *image) bool { return i.platform == "linux/"+runtime.GOARCH })
	if at < 0 {
		t.Fatalf("the layout has no image for linux/%s", runtime.GOARCH)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, images[at].binary, 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "version").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, part := range []string{releaseVersion, releaseCommit, releaseDate} {
		if !strings.Contains(string(out), part) {
			t.Errorf("version prints %q, want %s in it", out, part)
		}
	}
}

// expectDockerfile expects the same configuration in the Dockerfile.
func expectDockerfile(t *testing.T, like *image) {
	text, err := os.ReadFile(suite.Path("Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	_, final, found := strings.Cut(string(text), "\nFROM ${BASE_IMAGE}\n")
	if !found {
		t.Fatal("the Dockerfile has no stage FROM ${BASE_IMAGE}")
	}
	final = strings.NewReplacer("\\\n", " ", "${VERSION}", releaseVersion, "${COMMIT}", releaseCommit, "${DATE}", releaseDate).Replace(final)
	labels := map[string]string{}
	for _, pair := range regexp.MustCompile(`(org\.[a-z.]+)=(?:"([^"]*)"|(\S+))`).FindAllStringSubmatch(final, -1) {
		labels[pair[1]] = pair[2] + pair[3]
	}
	expect(t, "labels", like.config.Config.Labels, labels)
	for instruction, want := range map[string]string{
		"ENTRYPOINT": asJSON(t, like.config.Config.Entrypoint), "CMD": asJSON(t, like.config.Config.Cmd), "USER": like.config.Config.User,
	} {
		var got string
		if match := regexp.MustCompile(`(?m)^` + instruction + ` (.*)$`).FindStringSubmatch(final); match != nil {
			got = match[1]
		}
		expect(t, instruction, want, got)
	}
}

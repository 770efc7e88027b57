package main

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"runtime/debug"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx/v2/common"
	spdx "github.com/spdx/tools-golang/spdx/v2/v2_3"
)

// spdxType is the media type of SPDX documents in JSON (IANA).
const spdxType = "application/spdx+json"

// newSBOM returns the SBOM of an image as an OCI artifact: an SPDX document with the modules that the Go command has recorded
// in the binary.
func newSBOM(r release, image v1.Image, binary string) (v1.Image, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	digest, err := image.Digest()
	if err != nil {
		return nil, err
	}
	text := &bytes.Buffer{}
	if err := spdxjson.Write(document(r, digest, info), text); err != nil {
		return nil, err
	}
	artifact := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), spdxType)
	if artifact, err = mutate.AppendLayers(artifact, static.NewLayer(text.Bytes(), spdxType)); err != nil {
		return nil, err
	}
	subject, err := partial.Descriptor(image)
	if err != nil {
		return nil, err
	}
	about, ok := mutate.Subject(artifact, *subject).(v1.Image)
	if !ok {
		return nil, fmt.Errorf("cannot attach an SBOM to %s", digest)
	}
	return about, nil
}

// document returns the SPDX document of an image.
func document(r release, image v1.Hash, info *debug.BuildInfo) *spdx.Document {
	packages := packages(r, info)
	packages[0].PrimaryPackagePurpose = "CONTAINER"
	packages[0].PackageChecksums = []common.Checksum{{Algorithm: common.SHA256, Value: image.Hex}}
	relationships := make([]*spdx.Relationship, 0, len(packages))
	relationships = append(relationships, relate("DOCUMENT", common.TypeRelationshipDescribe, packages[0]))
	for _, p := range packages[1:] {
		relationships = append(relationships, relate(packages[0].PackageSPDXIdentifier, common.TypeRelationshipDependsOn, p))
	}
	return &spdx.Document{
		SPDXVersion:       spdx.Version,
		DataLicense:       spdx.DataLicense,
		SPDXIdentifier:    "DOCUMENT",
		DocumentName:      "ippool-webhook " + r.version,
		DocumentNamespace: "https://spdx.org/spdxdocs/ippool-webhook-" + image.Hex,
		CreationInfo: &spdx.CreationInfo{
			Created:  r.date.Format(time.RFC3339),
			Creators: []common.Creator{{CreatorType: "Tool", Creator: "ippool-webhook-image"}},
		},
		Packages:      packages,
		Relationships: relationships,
	}
}

// packages returns the modules in a binary, the main module first.
func packages(r release, info *debug.BuildInfo) []*spdx.Package {
	modules := append([]*debug.Module{{Path: info.Main.Path, Version: r.version}, {Path: "stdlib", Version: info.GoVersion}}, info.Deps...)
	packages := make([]*spdx.Package, 0, len(modules))
	for i, m := range modules {
		if m.Replace != nil {
			m = m.Replace
		}
		packages = append(packages, newPackage(i, m))
	}
	return packages
}

func relate(from common.ElementID, how string, to *spdx.Package) *spdx.Relationship {
	return &spdx.Relationship{
		RefA: common.DocElementID{ElementRefID: from}, Relationship: how, RefB: common.DocElementID{ElementRefID: to.PackageSPDXIdentifier},
	}
}

// newPackage returns the package of a Go module.
func newPackage(number int, m *debug.Module) *spdx.Package {
	return &spdx.Package{
		PackageName:             m.Path,
		PackageSPDXIdentifier:   common.ElementID(fmt.Sprintf("Package-%d", number)),
		PackageVersion:          m.Version,
		PackageDownloadLocation: "NOASSERTION",
		PackageLicenseConcluded: "NOASSERTION",
		PackageLicenseDeclared:  "NOASSERTION",
		PackageCopyrightText:    "NOASSERTION",
		PackageExternalReferences: []*spdx.PackageExternalReference{{
			Category: common.CategoryPackageManager, RefType: common.TypePackageManagerPURL,
			Locator: fmt.Sprintf("pkg:golang/%s@%s", m.Path, m.Version),
		}},
	}
}

package documents

import (
	"image/color"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// minContrast is the contrast that text must have at least (WCAG 2.2, success criterion 1.4.3).
const minContrast = 4.5

var (
	style = regexp.MustCompile(`\.(\w+) \{([^}]*)\}`)
	fill  = regexp.MustCompile(`fill: #([0-9a-f]{6})`)
)

// TestPicturesAreLegible computes the contrast of the texts of each picture with what is behind them, in light and in dark mode.
func TestPicturesAreLegible(t *testing.T) {
	for _, path := range withExtension(t, ".svg") {
		light, dark, found := strings.Cut(read(t, path), "@media (prefers-color-scheme: dark)")
		if !found {
			t.Errorf("%s has no colors for dark mode", path)
			continue
		}
		for mode, text := range map[string]string{"light": light, "dark": dark} {
			fills := fillsOf(t, text)
			for _, class := range []string{"text", "note"} {
				for _, behind := range []string{"background", "box"} {
					if got := contrast(fills[class], fills[behind]); got < minContrast {
						t.Errorf("%s, %s mode: the contrast of .%s on .%s is %.1f; it must be at least %.1f", path, mode, class, behind, got, minContrast)
					}
				}
			}
		}
	}
}

// TestContrast checks the contrast against the values of WCAG.
func TestContrast(t *testing.T) {
	black, white, gray := color.RGBA{}, color.RGBA{255, 255, 255, 255}, color.RGBA{0x77, 0x77, 0x77, 255}
	for _, test := range []struct {
		a, b color.RGBA
		want float64
	}{{black, white, 21}, {white, black, 21}, {gray, white, 4.48}, {white, white, 1}} {
		if got := contrast(test.a, test.b); math.Abs(got-test.want) > 0.01 {
			t.Errorf("contrast of %v and %v is %.2f, want %.2f", test.a, test.b, got, test.want)
		}
	}
}

// fillsOf returns the fill of each class in a style sheet.
func fillsOf(t *testing.T, sheet string) map[string]color.RGBA {
	t.Helper()
	fills := map[string]color.RGBA{}
	for _, rule := range style.FindAllStringSubmatch(sheet, -1) {
		found := fill.FindStringSubmatch(rule[2])
		if found == nil {
			continue
		}
		number, err := strconv.ParseUint(found[1], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		fills[rule[1]] = color.RGBA{uint8(number >> 16), uint8(number >> 8), uint8(number), 255}
	}
	return fills
}

// contrast returns the contrast ratio of two colors, from 1 to 21.
func contrast(a, b color.RGBA) float64 {
	lighter, darker := luminance(a), luminance(b)
	if lighter < darker {
		lighter, darker = darker, lighter
	}
	return (lighter + 0.05) / (darker + 0.05)
}

// luminance returns the relative luminance of a color (WCAG 2.2).
func luminance(c color.RGBA) float64 {
	linear := func(component uint8) float64 {
		value := float64(component) / 255
		if value <= 0.04045 {
			return value / 12.92
		}
		return math.Pow((value+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

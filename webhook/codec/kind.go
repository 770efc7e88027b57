package codec

import "github.com/go-json-experiment/json/jsontext"

// KindName names the type of a JSON value for use in a message, with its article.
func KindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	default:
		return "a boolean"
	}
}

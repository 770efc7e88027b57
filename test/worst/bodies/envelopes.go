package bodies

// envelopeKinds have a large AdmissionReview around small objects.
func envelopeKinds() []Kind {
	denied := only(poolHead + `"spec":{"range":"x","allocations":{"x":{}}}}`)
	const small = poolHead + `"spec":{"range":"10.0.0.0/8","allocations":{"1":{"id":"i","podref":"a/b"}}}}`
	healthy := healthyPool
	return []Kind{
		{Name: "uid", fieldName: "uid", field: framed(`"`, filled("u"), `"`)},
		{Name: "uid of less-than signs", fieldName: "uid", field: framed(`"`, filled("<"), `"`)},
		{Name: "uid of control characters", fieldName: "uid", field: framed(`"`, filled(`\u0001`), `"`)},
		{Name: "uid of invalid UTF-8", fieldName: "uid", field: framed(`"`, filled("\xff"), `"`)},
		{Name: "name", object: denied, fieldName: "name", field: framed(`"`, filled("n"), `"`)},
		{Name: "name of control characters", object: denied, fieldName: "name", field: framed(`"`, filled(`\u0001`), `"`)},
		{Name: "name of invalid UTF-8", object: denied, fieldName: "name", field: framed(`"`, filled("\xff"), `"`)},
		{Name: "namespace", object: denied, fieldName: "namespace", field: framed(`"`, filled("<"), `"`)},
		{Name: "operation", fieldName: "operation", field: framed(`"`, filled("C"), `"`)},
		{Name: "user name", object: denied, fieldName: "userInfo", field: framed(`{"username":"`, filled("<"), `"}`)},
		{Name: "user name given twice", object: denied, fieldName: "userInfo", field: framed(`{"username":"`, halves(framed("", filled("a"), `"`), framed(`"username":"`, filled(`\n`), `"`)), `}`)},
		{Name: "groups", fieldName: "userInfo", field: framed(`{"username":"jane","groups":[`, again(`""`), `]}`)},
		{Name: "extra of the user", fieldName: "userInfo", field: framed(`{"username":"jane","extra":{`, named(`"%s":[]`, shortest), `}}`)},
		{Name: "kind of the request", fieldName: "kind", field: framed(`{"group":"whereabouts.cni.cncf.io","version":"v1alpha1","kind":"`, filled("k"), `"}`)},
		{Name: "kind of the request again and again", fieldName: "kind", field: framed(`{"group":"whereabouts.cni.cncf.io","version":"v1alpha1",`, again(`"kind":"IPPool"`), `}`)},
		{Name: "unknown fields in options", fieldName: "options", field: framed(`{`, named(`"%s":0`, shortest), `}`)},
		{Name: "fieldValidation", fieldName: "options", field: framed(`{"fieldValidation":"`, filled("S"), `"}`)},
		{Name: "number as the user", fieldName: "userInfo", field: filled("7")},
		{Name: "unknown fields in the request", repeated: named(`"x%s":0`, shortest)}, // without the x, one of them is uid
		{Name: "unknown fields in the review", beside: named(`"x%s":0`, shortest)},
		{Name: "deep lists in the request", repeated: deep(`[`, `]`)},
		{Name: "request again and again", beside: again(`"request":{}`)},
		{Name: "small request after a large one", beside: framed(`"request":{"uid":"u","object":`, allocations(numbered(healthyAllocation)), `}`)},
		{Name: "object again and again", repeated: framed("", again(`"object":{}`), `,"object":`+small)},
		{Name: "objects in turn", repeated: framed("", again(`"object":{},"oldObject":{}`), `,"object":`+small)},
		{Name: "small objects after a large one", repeated: halves(framed(`"object":`, healthy, ""), again(`"object":`+small))},
		{Name: "small old objects after a large object", repeated: halves(framed(`"object":`, healthy, ""), again(`"oldObject":`+small))},
		{Name: "objects with two unknown fields after one with many", repeated: halves(framed(`"object":{"spec":{`, named(`"%s":0`, shortest), `}}`), again(`"object":{"spec":{"a":0,"b":0}}`))},
		{Name: "objects of 64 KiB again and again", repeated: blocks(framed(`"object":`, healthy, ""), 64<<10)},
		{Name: "objects of 64 KiB in turn", repeated: blocks(framed(`"oldObject":`, halves(healthy, framed(`"object":`, healthy, "")), ""), 64<<10)},
		{Name: "request without its length", Chunked: true, object: healthy},
	}
}

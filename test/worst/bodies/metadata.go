package bodies

// metadataKinds have large metadata, which belongs to the API server.
func metadataKinds() []Kind {
	return []Kind{
		{Name: "annotations", object: metadata(framed(`"annotations":{`, named(`"%s":""`, shortest), `}`))},
		{Name: "annotations named with escapes", object: metadata(framed(`"annotations":{`, named(`"%s":""`, escapedNumber), `}`))},
		{Name: "annotation that allows the deletion again and again", object: metadata(framed(`"annotations":{`, again(`"ippool-webhook/allow-delete":"true"`), `}`))},
		{Name: "annotation of escapes", object: metadata(framed(`"annotations":{"ippool-webhook/allow-delete":"`, filled(`\n`), `"}`))},
		{Name: "labels", object: metadata(framed(`"labels":{`, named(`"%s":""`, shortestScattered), `}`))},
		{Name: "managed fields", object: metadata(framed(`"managedFields":[{"fieldsV1":{`, numbered(`"f:%d":{}`), `}}]`))},
		{Name: "managers", object: metadata(framed(`"managedFields":[`, again(`{}`), `]`))},
		{Name: "unknown fields in metadata", strict: true, object: metadata(named(`"%s":0`, shortest))},
		{Name: "finalizers", object: metadata(framed(`"finalizers":[`, again(`""`), `]`))},
		{Name: "metadata.name", object: metadata(framed(`"name":"`, filled("n"), `"`))},
		{Name: "metadata.name of control characters", object: metadata(framed(`"name":"`, filled(`\u0001`), `"`))},
		{Name: "kind of the object", object: root(framed(`"kind":"`, filled("k"), `"`))},
		{Name: "apiVersion of the object", object: root(framed(`"apiVersion":"`, filled("v"), `"`))},
		{Name: "status", strict: true, object: root(framed(`"status":{`, named(`"%s":0`, shortest), `}`))},
	}
}

module ippool-webhook/test/deploy

go 1.26.0

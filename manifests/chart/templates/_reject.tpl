{{/* Rejects the values with a message. helm lint only logs the message of fail. The include of a template that does not exist, named
as the message, makes helm lint fail too. */}}
{{- define "ippool-webhook.reject" -}}
{{- fail . -}}
{{- include . "" -}}
{{- end }}

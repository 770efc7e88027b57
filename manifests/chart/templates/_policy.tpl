{{- define "ippool-webhook.policy" -}}
apiVersion: config.ippool-webhook/v1alpha1
kind: Policy
{{- with .Values.policy.rules }}
rules:
  {{- toYaml . | nindent 2 }}
{{- end }}
fieldValidation: {{ .Values.policy.fieldValidation }}
{{- with .Values.policy.knownFields }}
knownFields:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

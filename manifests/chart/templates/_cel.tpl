{{/* The action of a rule of the CEL baseline: that of the Policy, or its default; in Observe mode one step less. */}}
{{- define "ippool-webhook.celAction" -}}
{{- $root := index . 0 -}}
{{- $rule := index . 1 -}}
{{- $action := dig $rule.id "action" $rule.action $root.Values.policy.rules | toString -}}
{{- /* YAML 1.1 reads Off without quotes as false, also in the Policy. */ -}}
{{- if eq $action "false" -}}
{{- $action = "Off" -}}
{{- end -}}
{{- if eq $root.Values.webhooks.users.mode "Observe" -}}
{{- $action = dict "Deny" "Warn" "Warn" "Audit" "Audit" "Audit" "Off" "Off" | dig $action "" -}}
{{- end -}}
{{- $action -}}
{{- end }}

{{/* What a preset sets in place of empty values, and what it adds. Values of users have precedence. */}}
{{- define "ippool-webhook.preset" -}}
{{- if eq .Values.preset "openshift" -}}
certificateSource: service-ca
monitoringNamespace: openshift-monitoring
usernames: [system:serviceaccount:openshift-multus:multus-ancillary-tools]
{{- else if has .Values.preset (list "rke2" "harvester") -}}
# Of the chart rancher-monitoring. Its Grafana reads dashboards only in cattle-dashboards.
monitoringNamespace: cattle-monitoring-system
dashboardNamespace: cattle-dashboards
{{- else if eq .Values.preset "aks" -}}
# Otherwise the admissions enforcer of AKS excludes kube-system, where Whereabouts stores its pools, with a namespaceSelector.
webhookLabels:
  admissions.enforcer/disabled: "true"
{{- end -}}
{{- end }}

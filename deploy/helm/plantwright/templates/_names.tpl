{{- define "plantwright.name" -}}
{{- printf "%s" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "plantwright.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "plantwright.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- end -}}

{{/* What selects the pods of one part; call it with the root and the part's name. */}}
{{- define "plantwright.selector" -}}
app.kubernetes.io/name: plantwright
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "plantwright.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "plantwright.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities:
  drop: ["ALL"]
{{- end -}}

{{- define "plantwright.environment" -}}
- name: PLANTWRIGHT_HOME
  value: /var/lib/plantwright
- name: PLANTWRIGHT_SECRETS_FOLDER
  value: /run/secrets/plantwright
- name: PLANTWRIGHT_AUDIT_KEYS
  value: /etc/plantwright/keys
- name: PLANTWRIGHT_AUDIT_CHECKPOINTS
  value: /var/lib/plantwright-checkpoints/checkpoints.jsonl
- name: PLANTWRIGHT_LOG
  value: json
{{- if .Values.secrets.systems }}
- name: PLANTWRIGHT_SYSTEMS
  value: /etc/plantwright/systems/systems.toml
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{- define "plantwright.mounts" -}}
- {name: home, mountPath: /var/lib/plantwright}
- {name: tmp, mountPath: /tmp}
- {name: secrets, mountPath: /run/secrets/plantwright, readOnly: true}
- {name: audit-keys, mountPath: /etc/plantwright/keys, readOnly: true}
- {name: checkpoints, mountPath: /var/lib/plantwright-checkpoints}
{{- if .Values.secrets.systems }}
- {name: systems, mountPath: /etc/plantwright/systems, readOnly: true}
{{- end }}
{{- end -}}

{{- define "plantwright.volumes" -}}
{{- $values := .root.Values -}}
- name: home
  emptyDir: {sizeLimit: 64Mi}
- name: tmp
  emptyDir: {sizeLimit: 256Mi}
{{- /* Beside the service's logins the server may read the record, and the worker keep what it reads of systems. */}}
{{- $apart := dict "server" (list $values.secrets.record "PLANTWRIGHT_RECORD_DATABASE_URL") "worker" (list $values.secrets.loader "PLANTWRIGHT_LOADER_DATABASE_URL") }}
{{- $own := get $apart .part }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      - secret: {name: {{ $values.secrets.service }}}
      {{- if first $own }}
      - secret:
          name: {{ first $own }}
          items: [{key: {{ last $own }}, path: {{ last $own }}}]
      {{- end }}
- name: audit-keys
  secret: {secretName: {{ $values.secrets.auditKeys }}, defaultMode: 0440}
- name: checkpoints
  persistentVolumeClaim:
    claimName: {{ $values.checkpoints.existingClaim | default (printf "%s-checkpoints" (include "plantwright.name" .root)) }}
{{- if $values.secrets.systems }}
- name: systems
  secret:
    secretName: {{ $values.secrets.systems }}
    defaultMode: 0440
    {{- if eq .part "server" }}
    # Which system is whose, and no password of one: only workers log in there.
    items: [{key: systems.toml, path: systems.toml}]
    {{- end }}
{{- end }}
{{- end -}}

{{- define "plantwright.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "plantwright.selector" . | nindent 8 }}
{{- end -}}

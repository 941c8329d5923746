{{- /* Traefik's static configuration, one command line option per line. */ -}}
{{- define "arguments" -}}
- --global.checkNewVersion={{ .Values.global.checkNewVersion }}
- --global.sendAnonymousUsage={{ .Values.global.sendAnonymousUsage }}
- --log.level=INFO
- --ping=true
- --api.dashboard={{ .Values.api.dashboard }}
- --accessLog={{ .Values.accessLog.enabled }}
- --accessLog.format={{ .Values.accessLog.format }}
- --accessLog.fields.defaultMode=keep
- --accessLog.fields.headers.defaultMode=drop
- --metrics.prometheus.entryPoint={{ .Values.metrics.prometheus.entryPoint }}
- --metrics.prometheus.addRoutersLabels={{ .Values.metrics.prometheus.addRoutersLabels }}
{{- with .Values.providers.kubernetesCRD }}
- --providers.kubernetesCRD.allowCrossNamespace={{ .allowCrossNamespace }}
- --providers.kubernetesCRD.allowExternalNameServices={{ .allowExternalNameServices }}
- --providers.kubernetesCRD.allowEmptyServices=true
{{- end }}
- --providers.kubernetesIngress.allowExternalNameServices={{ .Values.providers.kubernetesIngress.allowExternalNameServices }}
- --providers.kubernetesIngress.allowEmptyServices=true
- --providers.kubernetesIngress.ingressEndpoint.publishedService={{ .Release.Namespace }}/{{ .Release.Name }}
- --entryPoints.traefik.address=:8080/tcp
{{- range $name, $port := .Values.ports }}
{{- $option := printf "--entryPoints.%s" $name }}
- {{ $option }}.address=:{{ $port.port }}/tcp
- {{ $option }}.asDefault={{ $port.asDefault | default false }}
{{- with $port.http }}
{{- with .middlewares }}
- {{ $option }}.http.middlewares={{ join "," . }}
{{- end }}
{{- with .redirections }}
- {{ $option }}.http.redirections.entryPoint.to=:443
- {{ $option }}.http.redirections.entryPoint.scheme={{ .entryPoint.scheme }}
- {{ $option }}.http.redirections.entryPoint.permanent={{ .entryPoint.permanent }}
{{- end }}
{{- with .tls }}
- {{ $option }}.http.tls={{ .enabled }}
{{- end }}
{{- end }}
{{- with $port.transport }}
- {{ $option }}.transport.lifeCycle.requestAcceptGraceTimeout={{ .lifeCycle.requestAcceptGraceTimeout }}
- {{ $option }}.transport.lifeCycle.graceTimeOut={{ .lifeCycle.graceTimeOut }}
{{- end }}
{{- end }}
{{- range .Values.additionalArguments }}
- {{ . | quote }}
{{- end }}
{{- end -}}

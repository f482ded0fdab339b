"""Small documents of OpenSLO v1 that tests change."""

SERVICE = """\
apiVersion: openslo/v1
kind: Service
metadata:
  name: web-shop
  displayName: Web shop
  labels:
    team: identity
    tags: [auth, "12"]
spec:
  description: What people buy in.
"""

SLI = """\
apiVersion: openslo/v1
kind: SLI
metadata:
  name: answers
  displayName: Good answers
spec:
  ratioMetric:
    counter: true
    good:
      metricSource:
        metricSourceRef: metrics
        spec: {query: good}
    total:
      metricSource:
        metricSourceRef: metrics
        spec: {query: all}
"""

SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: shop-answers
  displayName: The shop answers
spec:
  service: web-shop
  indicatorRef: answers
  timeWindow:
    - duration: 4w
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - displayName: Internal
      target: 0.9990
    - displayName: SLA
      targetPercent: 99.5
  alertPolicies:
    - alertPolicyRef: page-somebody
"""

DATA_SOURCE = """\
apiVersion: openslo/v1
kind: DataSource
metadata:
  name: metrics
spec:
  type: Prometheus
  connectionDetails:
    url: https://prometheus.example.org
"""

ALERT_POLICY = """\
apiVersion: openslo/v1
kind: AlertPolicy
metadata:
  name: page-somebody
spec:
  alertWhenBreaching: true
  alertWhenResolved: false
  conditions:
    - conditionRef: burns-fast
  notificationTargets:
    - targetRef: on-call
"""

ALERT_CONDITION = """\
apiVersion: openslo/v1
kind: AlertCondition
metadata:
  name: burns-fast
spec:
  severity: page
  condition:
    kind: burnrate
    threshold: 14.4
    lookbackWindow: 1h
    alertAfter: 0m
"""

NOTIFICATION_TARGET = """\
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata:
  name: on-call
spec:
  target: email
"""

ALL = (SERVICE, DATA_SOURCE, SLI, SLO, ALERT_POLICY, ALERT_CONDITION, NOTIFICATION_TARGET)
WHOLE = "---\n".join(ALL)

CALENDAR_SLO = """\
# The shop answers in time.
apiVersion: openslo/v1
kind: SLO
metadata:
  name: shop-latency
  annotations:
    example.org/owner: identity
spec:
  service: web-shop
  indicator:
    metadata:
      name: latency
    spec:
      thresholdMetric:
        metricSource:
          type: Any # whatever there is
          spec: {query: any}
  timeWindow:
    - duration: 1M
      calendar:
        startTime: 2022-01-01 12:00:00
        timeZone: America/New_York
  budgetingMethod: Timeslices
  objectives:
    - op: lt
      value: 500
      target: 0.99
      timeSliceTarget: 0.95
      timeSliceWindow: 1m
  alertPolicies: # none yet
  x-house-rule: [keep, "0.10", 0.10, null]
"""

COMPOSITE_SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata:
  name: shop-whole
spec:
  service: web-shop
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives:
    - indicatorRef: answers
      target: 0.99
      compositeWeight: 0.7
    - indicatorRef: answers
      target: 0.9
      compositeWeight: 0.3
"""

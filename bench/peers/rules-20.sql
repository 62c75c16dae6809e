-- Twenty rules as an analyst would write them in SQL, counted in one pass over the log. LOG is put in by bench/run.
SET threads = 1;
SELECT
    count(*) AS events,
    count(*) FILTER (WHERE verb = 'get' AND objectRef.subresource = 'exec' AND objectRef.resource = 'pods') AS exec,
    count(*) FILTER (WHERE verb IN ('list', 'get', 'watch') AND objectRef.resource = 'secrets' AND NOT (starts_with("user".username, 'system:node:') OR starts_with("user".username, 'system:serviceaccount:kube-system:'))) AS secrets_read,
    count(*) FILTER (WHERE verb = 'create' AND objectRef.resource = 'clusterrolebindings') AS bindings,
    count(*) FILTER (WHERE verb IN ('create', 'update', 'patch') AND objectRef.resource IN ('roles', 'clusterroles')) AS roles,
    count(*) FILTER (WHERE "user".username = 'system:anonymous' AND NOT (starts_with(requestURI, '/readyz') OR starts_with(requestURI, '/livez') OR starts_with(requestURI, '/healthz') OR starts_with(requestURI, '/version'))) AS anonymous,
    count(*) FILTER (WHERE responseStatus.code = 403 AND NOT starts_with("user".username, 'system:node:')) AS forbidden,
    count(*) FILTER (WHERE responseStatus.code = 401) AS unauthenticated,
    count(*) FILTER (WHERE verb = 'create' AND objectRef.subresource = 'token' AND NOT starts_with("user".username, 'system:node:')) AS tokens,
    count(*) FILTER (WHERE impersonatedUser.username IS NOT NULL) AS impersonation,
    count(*) FILTER (WHERE list_contains("user".groups, 'system:masters') AND "user".username <> 'system:apiserver') AS masters,
    count(*) FILTER (WHERE objectRef.subresource IN ('attach', 'portforward')) AS attach,
    count(*) FILTER (WHERE objectRef.resource = 'nodes' AND objectRef.subresource = 'proxy') AS node_proxy,
    count(*) FILTER (WHERE verb IN ('create', 'update', 'patch', 'delete') AND objectRef.resource IN ('mutatingwebhookconfigurations', 'validatingwebhookconfigurations')) AS webhooks,
    count(*) FILTER (WHERE verb = 'deletecollection' AND objectRef.resource = 'events') AS events_deleted,
    count(*) FILTER (WHERE verb IN ('patch', 'update') AND objectRef.subresource = 'ephemeralcontainers') AS ephemeral,
    count(*) FILTER (WHERE verb IN ('patch', 'update') AND objectRef.subresource = 'approval') AS certificates,
    count(*) FILTER (WHERE verb IN ('create', 'delete') AND objectRef.resource = 'namespaces') AS namespaces,
    count(*) FILTER (WHERE objectRef.namespace = 'kube-system' AND objectRef.resource = 'configmaps' AND objectRef.name = 'coredns' AND verb IN ('patch', 'update')) AS coredns,
    count(*) FILTER (WHERE starts_with(userAgent, 'curl/') OR starts_with(userAgent, 'python-requests') OR starts_with(userAgent, 'peirates')) AS agents,
    count(*) FILTER (WHERE verb = 'create' AND objectRef.resource IN ('selfsubjectaccessreviews', 'selfsubjectrulesreviews')) AS enumeration
FROM read_json('LOG', format = 'newline_delimited', maximum_object_size = 16777216, columns = {
    verb: 'VARCHAR', requestURI: 'VARCHAR', userAgent: 'VARCHAR',
    "user": 'STRUCT(username VARCHAR, groups VARCHAR[])',
    impersonatedUser: 'STRUCT(username VARCHAR)',
    objectRef: 'STRUCT(resource VARCHAR, namespace VARCHAR, name VARCHAR, subresource VARCHAR)',
    responseStatus: 'STRUCT(code INTEGER)'
});

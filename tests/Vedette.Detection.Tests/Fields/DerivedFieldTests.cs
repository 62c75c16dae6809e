using Vedette.Audit.Events;
using Vedette.Detection.Fields;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Fields;

/// <summary>docs/fields.md, field by field.</summary>
public class DerivedFieldTests
{
    [Theory]
    [InlineData("vedette.operation", """{"verb":"get","objectRef":{"resource":"pods","subresource":"exec"}}""", "exec")]
    [InlineData("vedette.operation", """{"verb":"create","objectRef":{"resource":"pods","subresource":"exec"}}""", "exec")]
    [InlineData("vedette.operation", """{"verb":"create","objectRef":{"resource":"pods","subresource":"binding"}}""", "create")]
    [InlineData("vedette.operation", """{"verb":"patch","responseStatus":{"code":201}}""", "create")]
    [InlineData("vedette.operation", """{"verb":"patch","responseStatus":{"code":200}}""", "patch")]
    [InlineData("vedette.operation", """{"stage":"Panic"}""", "")]
    [InlineData("vedette.resource", """{"objectRef":{"resource":"pods","subresource":"exec"}}""", "pods/exec")]
    [InlineData("vedette.resource", """{"objectRef":{"resource":"pods"}}""", "pods")]
    [InlineData("vedette.resource", """{"verb":"get"}""", "")]
    [InlineData("vedette.actor", """{"user":{"username":"a"}}""", "a")]
    [InlineData("vedette.actor", """{"user":{"username":"a"},"impersonatedUser":{"username":"b"}}""", "b")]
    [InlineData("vedette.actor.groups", """{"user":{"groups":["x"]},"impersonatedUser":{"username":"b","groups":["y","z"]}}""", "y|z")]
    [InlineData("vedette.actor.kind", """{"user":{"username":"system:serviceaccount:kube-system:anonymous"}}""", "serviceaccount")]
    [InlineData("vedette.actor.kind", """{"user":{"username":"system:anonymous"}}""", "anonymous")]
    [InlineData("vedette.actor.kind", """{"user":{"username":"system:node:a"}}""", "node")]
    [InlineData("vedette.actor.kind", """{"user":{"username":"system:kube-scheduler"}}""", "system")]
    [InlineData("vedette.actor.kind", """{"user":{"username":"alice"}}""", "user")]
    [InlineData("vedette.actor.kind", """{"user":{}}""", "")]
    [InlineData("vedette.actor.namespace", """{"user":{"username":"system:serviceaccount:dev:a"}}""", "dev")]
    [InlineData("vedette.actor.namespace", """{"user":{"username":"dave"},"impersonatedUser":{"username":"system:serviceaccount:prod:a"}}""", "prod")]
    [InlineData("vedette.actor.namespace", """{"user":{"username":"system:serviceaccount:dev"}}""", "")]
    [InlineData("vedette.actor.namespace", """{"user":{"username":"dev"}}""", "")]
    [InlineData("vedette.mutatedBy", """{"annotations":{"mutation.webhook.admission.k8s.io/round_0_index_1":"{\"configuration\":\"c\",\"webhook\":\"w.x\",\"mutated\":true}","mutation.webhook.admission.k8s.io/round_0_index_0":"{\"configuration\":\"d\",\"webhook\":\"w\",\"mutated\":false}"}}""", "c/w.x")]
    [InlineData("vedette.mutatedBy", """{"annotations":{"mutation.webhook.admission.k8s.io/round_0_index_0":"{","mutation.webhook.admission.k8s.io/round_0_index_1":"[]"}}""", "")]
    [InlineData("vedette.podSpec.writableHostPaths", """{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"volumes":[{"name":"a","hostPath":{"path":"/a"}},{"name":"b","hostPath":{"path":"/b"}},{"name":"c","hostPath":{"path":"/c"}}],"containers":[{"volumeMounts":[{"name":"a","readOnly":true},{"name":"b","readOnly":true}]}],"initContainers":[{"volumeMounts":[{"name":"b"}]}]}}}""", "/b|/c")]
    [InlineData("vedette.podSpec.secrets", """{"verb":"create","objectRef":{"resource":"jobs"},"requestObject":{"spec":{"template":{"spec":{"volumes":[{"secret":{"secretName":"a"}},{"projected":{"sources":[{"secret":{"name":"b"}},{"configMap":{"name":"x"}}]}}],"imagePullSecrets":[{"name":"c"}],"containers":[{"env":[{"valueFrom":{"secretKeyRef":{"name":"d"}}},{"value":"x"}],"envFrom":[{"secretRef":{"name":"e"}},{"configMapRef":{"name":"y"}}]}]}}}}}""", "a|b|c|d|e")]
    [InlineData("vedette.impersonated", """{"impersonatedUser":{"username":"b"}}""", "true")]
    [InlineData("vedette.impersonated", """{"responseStatus":{"code":403,"message":"users \"x\" is forbidden: User \"y\" cannot impersonate resource"}}""", "true")]
    [InlineData("vedette.impersonated", """{"user":{"username":"a"}}""", "false")]
    [InlineData("vedette.source.ip", """{"sourceIPs":["6.6.6.6","10.0.0.1"]}""", "10.0.0.1")]
    [InlineData("vedette.source.ip", """{"sourceIPs":[]}""", "")]
    [InlineData("vedette.source.isPublic", """{"sourceIPs":["8.8.8.8"]}""", "true")]
    [InlineData("vedette.source.isPublic", """{"sourceIPs":["8.8.8.8","100.64.3.4"]}""", "false")]
    [InlineData("vedette.source.isPublic", """{"sourceIPs":["2a00:1450::1"]}""", "true")]
    [InlineData("vedette.source.isPublic", """{"sourceIPs":["::1"]}""", "false")]
    [InlineData("vedette.source.isPublic", """{"sourceIPs":["::ffff:10.0.0.1"]}""", "false")]
    [InlineData("vedette.source.isPublic", """{"sourceIPs":["gce-internal-ip"]}""", "")]
    [InlineData("vedette.success", """{"responseStatus":{"code":101}}""", "true")]
    [InlineData("vedette.success", """{"responseStatus":{"code":404}}""", "false")]
    [InlineData("vedette.success", """{"annotations":{"authorization.k8s.io/decision":"forbid"}}""", "false")]
    [InlineData("vedette.success", """{"annotations":{"authorization.k8s.io/decision":"allow"}}""", "")]
    [InlineData("vedette.dryRun", """{"requestURI":"/api?x=1&dryRun=All"}""", "true")]
    [InlineData("vedette.dryRun", """{"requestURI":"/api/dryRun?x=dryRun"}""", "false")]
    [InlineData("vedette.dryRun", """{"verb":"delete","requestObject":{"dryRun":["All"]}}""", "true")]
    [InlineData("vedette.path", """{"requestURI":"/a%2fb%zz/c?d=/e"}""", "/a/b%zz/c")]
    [InlineData("vedette.exec.command", """{"requestURI":"/x/exec?command=sh&container=a&command=-c&command=rm+-rf%20%2Ftmp","objectRef":{"subresource":"exec"}}""", "sh -c rm -rf /tmp")]
    [InlineData("vedette.path", """{"requestURI":"/a%ffb\u0026?d"}""", "/a\uFFFDb&")]
    [InlineData("vedette.dryRun", """{"requestURI":"/a?b=c\u0026dryRun=%41ll"}""", "true")]
    [InlineData("vedette.dryRun", """{"requestURI":"/a?dryRun=\u0026dryRunning=All"}""", "false")]
    [InlineData("vedette.exec.command", """{"requestURI":"/x/exec?c%6fmmand=sh\u0026commands=x\u0026command=a+b&command=%ff&command","objectRef":{"subresource":"exec"}}""", "sh a b \uFFFD ")]
    [InlineData("vedette.exec.command", """{"requestURI":"/x?command=sh","objectRef":{"subresource":"log"}}""", "")]
    [InlineData("vedette.object.a", """{"verb":"create","requestObject":{"a":1},"responseObject":{"a":2}}""", "1")]
    [InlineData("vedette.object.a", """{"verb":"patch","requestObject":{"a":1},"responseObject":{"kind":"X","a":2}}""", "2")]
    [InlineData("vedette.object.a", """{"verb":"patch","requestObject":{"a":1},"responseObject":{"kind":"Status","a":2}}""", "1")]
    [InlineData("vedette.podSpec.hostPID", """{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"hostPID":true}}}""", "true")]
    [InlineData("vedette.podSpec.hostPID", """{"verb":"create","objectRef":{"resource":"pods","subresource":"binding"},"requestObject":{"spec":{"hostPID":true}}}""", "")]
    [InlineData("vedette.podSpec.hostPID", """{"verb":"create","objectRef":{"resource":"jobs"},"requestObject":{"spec":{"template":{"spec":{"hostPID":true}}}}}""", "true")]
    [InlineData("vedette.podSpec.hostPID", """{"verb":"create","objectRef":{"resource":"cronjobs"},"requestObject":{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"hostPID":true}}}}}}}""", "true")]
    [InlineData("vedette.podSpec.hostPID", """{"verb":"create","objectRef":{"resource":"podtemplates"},"requestObject":{"template":{"spec":{"hostPID":true}}}}""", "true")]
    [InlineData("vedette.podSpec.hostPID", """{"verb":"patch","objectRef":{"resource":"pods"},"requestObject":{"metadata":{}},"responseObject":{"spec":{"hostPID":true}}}""", "")]
    [InlineData("vedette.podSpec.hostPID", """{"verb":"patch","objectRef":{"resource":"pods"},"requestObject":[{"op":"add"}],"responseObject":{"spec":{"hostPID":true}}}""", "true")]
    [InlineData("vedette.podSpec.containers.name", """{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"ephemeralContainers":[{"name":"c"}],"containers":[{"name":"a"}],"initContainers":[{"name":"b"}]}}}""", "a|b|c")]
    [InlineData("vedette.podSpec.hostPaths", """{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"volumes":[{"hostPath":{"path":"//etc/./x/../kubernetes/"}},{"hostPath":{"path":"/"}},{"emptyDir":{}}]}}}""", "/etc/kubernetes|/")]
    [InlineData("vedette.podSpec.hostPaths", """{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"volumes":[{"hostPath":{"path":"a/../../b/."}},{"hostPath":{"path":"/a/b/../../.."}},{"hostPath":{"path":"/\u0061/..b"}},{"hostPath":{"path":""}}]}}}""", "/b|/|/a/..b|/")]
    [InlineData("vedette.podSpec.capabilities", """{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"containers":[{"securityContext":{"capabilities":{"add":["CAP_sys_admin","NET_RAW"]}}}]}}}""", "SYS_ADMIN|NET_RAW")]
    [InlineData("vedette.rbac.role", """{"objectRef":{"resource":"rolebindings"},"requestObject":{"roleRef":{"kind":"ClusterRole","name":"x"}}}""", "ClusterRole/x")]
    [InlineData("vedette.rbac.role", """{"objectRef":{"resource":"pods"},"requestObject":{"roleRef":{"kind":"ClusterRole","name":"x"}}}""", "")]
    [InlineData("vedette.rbac.subjects", """{"objectRef":{"resource":"rolebindings"},"requestObject":{"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","namespace":"n","name":"s"}]}}""", "User/u|ServiceAccount/n/s")]
    [InlineData("vedette.rbac.grants", """{"objectRef":{"resource":"roles"},"requestObject":{"rules":[{"verbs":["get"],"apiGroups":["","apps"],"resources":["pods"]},{"verbs":["get"],"nonResourceURLs":["/m"]}]}}""", "get core/pods|get apps/pods|get url:/m")]
    [InlineData("vedette.source.network", """{"sourceIPs":["6.6.6.6","10.1.2.3"]}""", "10.1.2.0/24")]
    [InlineData("vedette.source.network", """{"sourceIPs":["2001:db8:1:2::3"]}""", "2001:db8:1::/48")]
    [InlineData("vedette.source.network", """{"sourceIPs":["gce-internal-ip"]}""", "")]
    [InlineData("vedette.userAgent.product", """{"userAgent":"kubectl/v1.36.4 (linux/amd64) kubernetes/bb826b1"}""", "kubectl")]
    [InlineData("vedette.userAgent.product", """{"userAgent":"kube-hunter"}""", "kube-hunter")]
    [InlineData("vedette.userAgent.product", """{"verb":"get"}""", "")]
    [InlineData("vedette.podSpec.images", """{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"containers":[{"image":"r:5000/a/b:v1"},{"image":"nginx"}],"initContainers":[{"image":"q.io/c@sha256:00"}]}}}""", "r:5000/a/b|nginx|q.io/c")]
    [InlineData("vedette.podSpec.images", """{"verb":"create","objectRef":{"resource":"jobs"},"requestObject":{"spec":{"template":{"spec":{"containers":[{"image":"r:5000/a:v1@sha256:00"}]}}}}}""", "r:5000/a")]
    [InlineData("vedette.podSpec.commands", """{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"containers":[{"command":["sh","-c"],"args":["a b"]},{"name":"x"}],"ephemeralContainers":[{"args":["z"]}]}}}""", "sh -c a b|z")]
    [InlineData("vedette.csr.user", """{"verb":"create","objectRef":{"resource":"certificatesigningrequests"},"requestObject":{"spec":{"request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIME1JR2NBZ0VBTURveEZ6QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6TVEwd0N3WURWUVFLREFSawpaWFp6TVJBd0RnWURWUVFEREFkdFlXeHNiM0o1TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFCkRXaWVlN01yMlBacGdsQnlzQ0hRWDlFNW9SeTVxRlBrUGQ4eEovZkdIU3hGeERScXVYWEFxdElTVEhMREs4UVkKbXZZTUY3eXpDMmxWVFBFNlNUTlc5S0FBTUFvR0NDcUdTTTQ5QkFNQ0EwY0FNRVFDSUgxSFJpOHlVc3FVSzZUdApyVk04VVpjbXREV3NCY3FjWUtLSmQ2dXpnRTN2QWlBamhwa3hJSnl5MlR2TmdkdU9yK1BZMGtKUTdlNGt4cFRWCnlHZ1hNMS9mREE9PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K"}}}""", "mallory")]
    [InlineData("vedette.csr.groups", """{"verb":"create","objectRef":{"resource":"certificatesigningrequests"},"requestObject":{"spec":{"request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIME1JR2NBZ0VBTURveEZ6QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6TVEwd0N3WURWUVFLREFSawpaWFp6TVJBd0RnWURWUVFEREFkdFlXeHNiM0o1TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFCkRXaWVlN01yMlBacGdsQnlzQ0hRWDlFNW9SeTVxRlBrUGQ4eEovZkdIU3hGeERScXVYWEFxdElTVEhMREs4UVkKbXZZTUY3eXpDMmxWVFBFNlNUTlc5S0FBTUFvR0NDcUdTTTQ5QkFNQ0EwY0FNRVFDSUgxSFJpOHlVc3FVSzZUdApyVk04VVpjbXREV3NCY3FjWUtLSmQ2dXpnRTN2QWlBamhwa3hJSnl5MlR2TmdkdU9yK1BZMGtKUTdlNGt4cFRWCnlHZ1hNMS9mREE9PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K"}}}""", "system:masters|devs")]
    [InlineData("vedette.csr.user", """{"verb":"update","objectRef":{"resource":"certificatesigningrequests","subresource":"approval"},"requestObject":{"spec":{"request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIME1JR2NBZ0VBTURveEZ6QVZCZ05WQkFvTURuTjVjM1JsYlRwdFlYTjBaWEp6TVEwd0N3WURWUVFLREFSawpaWFp6TVJBd0RnWURWUVFEREFkdFlXeHNiM0o1TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFCkRXaWVlN01yMlBacGdsQnlzQ0hRWDlFNW9SeTVxRlBrUGQ4eEovZkdIU3hGeERScXVYWEFxdElTVEhMREs4UVkKbXZZTUY3eXpDMmxWVFBFNlNUTlc5S0FBTUFvR0NDcUdTTTQ5QkFNQ0EwY0FNRVFDSUgxSFJpOHlVc3FVSzZUdApyVk04VVpjbXREV3NCY3FjWUtLSmQ2dXpnRTN2QWlBamhwa3hJSnl5MlR2TmdkdU9yK1BZMGtKUTdlNGt4cFRWCnlHZ1hNMS9mREE9PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K"}}}""", "")]
    [InlineData("vedette.csr.user", """{"verb":"create","objectRef":{"resource":"certificatesigningrequests"},"requestObject":{"spec":{"request":"bm8="}}}""", "")]
    [InlineData("vedette.csr.user", """{"verb":"create","objectRef":{"resource":"certificatesigningrequests"},"requestObject":{"spec":{"request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIMQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0="}}}""", "")]
    public void A_derived_field_is_what_its_page_says(string path, string json, string expected) => Assert.Equal(expected, string.Join('|', Values(path, json)));

    [Fact]
    public void Grants_of_a_huge_role_are_bounded_and_say_so()
    {
        string many = string.Join(',', Enumerable.Range(0, 100).Select(number => $"\"{number}\""));
        List<string> grants = Values("vedette.rbac.grants", $$$"""{"objectRef":{"resource":"clusterroles"},"requestObject":{"rules":[{"verbs":[{{{many}}}],"apiGroups":[""],"resources":[{{{many}}}]}]}}""");
        Assert.Equal(Rbac.MaxGrants + 1, grants.Count);
        Assert.Equal(Rbac.TooMany, grants[^1]);
    }

    [Fact]
    public void Every_derived_field_has_its_row_in_the_documentation()
    {
        string page = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "fields.md"));
        Assert.All(DerivedFields.Paths, path => Assert.Contains($"`{path}`", page, StringComparison.Ordinal));
    }

    private static List<string> Values(string path, string json)
    {
        EventView view = Events.Decode(json);
        FieldResolver resolver = new([FieldPath.Parse(path)]);
        resolver.Begin();
        Range range = resolver.Resolve(0, view, out _);
        List<string> values = [];
        for (int i = range.Start.Value; i < range.End.Value; i++)
        {
            values.Add(System.Text.Encoding.UTF8.GetString(resolver.TextOf(i, view)));
        }

        return values;
    }
}

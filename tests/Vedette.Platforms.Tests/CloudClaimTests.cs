using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests;

/// <summary>
/// Claims of a widely copied recipe about clouds, alerts, Falco and shippers, by their row in the table of checked facts (shared/platforms/claims-check.md): the wrong form is found with the mend, the right form is
/// what setup renders.
/// </summary>
public class CloudClaimTests
{
    [Theory]
    [InlineData("B2", "eks", "aws eks update-cluster-config --name prod --logging '{}'", "VC3014", "--region")]
    [InlineData("B5", "eks", "aws logs put-metric-filter --region us-east-1 --filter-pattern '\"userAgent\":\"kubectl\" AND \"responseStatus.code\":403'", "VC3008", "$.userAgent = \"kubectl*\"")]
    [InlineData("B6", "eks", "aws logs put-retention-policy --region us-east-1 --retention-in-days 366", "VC3015", "400")]
    [InlineData("B7", "eks", "{\"Status\":\"ENABLED\",\"Features\":[]}", "VC3012", "EKS_AUDIT_LOGS")]
    [InlineData("B8", "eks", "{\"metricFilters\":[]}", "VC3009", "put-metric-filter")]
    [InlineData("C1", "gke", "{\"bindings\":[]}", "VC4002", "ADMIN_READ")]
    [InlineData("C2", "gke", "gcloud logging buckets create k8s --project p --location global", "VC4012", "allowed region")]
    [InlineData("C2", "gke", "[{\"name\":\"s\",\"destination\":\"bigquery.googleapis.com/projects/p/datasets/d\",\"filter\":\"resource.type=k8s_cluster cloudaudit\"}]", "VC4004", "logging.googleapis.com")]
    [InlineData("C4", "aks", "az aks diagnostic-settings create --name x", "VC5012", "az monitor diagnostic-settings create")]
    [InlineData("C4", "aks", "az monitor diagnostic-settings create --logs '[{\"category\":\"kube-audit-admin\",\"enabled\":true}]'", "VC5003", "kube-audit")]
    [InlineData("D1", "falco", "helm install falco falcosecurity/falco", "VC6007", "--namespace falco --create-namespace")]
    [InlineData("D3", "eks", "aws logs put-metric-filter --region us-east-1 --filter-pattern '{ $.user = anonymous }'", "VC3016", "system:anonymous")]
    [InlineData("D3", "eks", "aws logs put-metric-filter --region us-east-1 --filter-pattern '{ $.user.username = \"system:serviceaccount:kube-system:anonymous\" }'", "VC3016", "system:anonymous")]
    [InlineData("D4", "eks", "aws logs put-metric-filter --region us-east-1 --filter-pattern '{ $.verb = \"escalate\" && $.objectRef.resource = \"roles\" }'", "VC3016", "attempting to grant")]
    [InlineData("E16", "shippers", "filebeat.inputs:\n  - type: filestream\nqueue.disk: {max_size: 1GB}\noutput.splunk:\n  host: a\n", "VC7002", "Vector")]
    [InlineData("E17", "falco", "See https://falco.org/docs/alerts/", "VC6007", "concepts/outputs")]
    [InlineData("E18", "falco", "kubectl logs -l app=falco -n falco", "VC6007", "app.kubernetes.io/name=falco")]
    [InlineData("A7", "shippers", "chmod 644 /var/log/kubernetes/audit.log", "VC7009", "CAP_DAC_READ_SEARCH")]
    public void The_wrong_form_is_found_with_the_mend(string row, string platform, string evidence, string check, string mend)
    {
        Assert.NotEmpty(row);
        Assert.Contains(EvidenceOf.Text(platform, evidence), result => result.Outcome == Outcome.Wrong && result.Check.Id == check && result.Mend!.Contains(mend, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("B4", "eks", """{"cluster":{"name":"p","arn":"arn:aws:eks:eu-west-1:1:cluster/p"}}""", "VC3004")]
    [InlineData("C2", "gke", """[{"name":"projects/p/locations/europe-west1/buckets/b","retentionDays":400}]""", "VC4005")]
    [InlineData("C5", "aks", """{"id":"/subscriptions/s/workspaces/w","name":"w","customerId":"c","location":"westeurope"}""", "VC5007")]
    [InlineData("E20", "shippers", "data_dir: /d\nsinks:\n  o:\n    type: aws_s3\n    region: eu-west-1\n", "VC7008")]
    public void Data_elsewhere_is_found(string row, string platform, string evidence, string check)
    {
        Assert.NotEmpty(row);
        Assert.Contains(EvidenceOf.Text(platform, evidence, residency: "us"), result => result.Outcome == Outcome.Wrong && result.Check.Id == check);
    }

    [Theory]
    [InlineData("B1", "eks", "logging.sh", "{\"clusterLogging\":[{\"types\":[\"audit\",\"authenticator\"],\"enabled\":true}]}")]
    [InlineData("B1", "eks", "logging.sh", "aws eks describe-update --region \"$REGION\"")]
    [InlineData("B3", "eks", "STEPS.md", "--log-stream-name-prefix kube-apiserver-audit-")]
    [InlineData("B5", "eks", "alerts.sh", "{ $.userAgent = \"kubectl/*\" && $.responseStatus.code = 403 }")]
    [InlineData("B7", "eks", "guardduty.sh", "\"Name\":\"EKS_AUDIT_LOGS\",\"Status\":\"ENABLED\"")]
    [InlineData("B8", "eks", "alerts.sh", "aws cloudwatch put-metric-alarm --region \"$REGION\"")]
    [InlineData("C1", "gke", "data-access.sh", "container.googleapis.com")]
    [InlineData("C2", "gke", "STEPS.md", "A bucket of Cloud Logging, not of Cloud Storage")]
    [InlineData("C4", "aks", "logging.sh", "\"category\":\"kube-audit\",\"enabled\":true")]
    [InlineData("C6", "gke", "scc.sh", "gcloud scc notifications create")]
    [InlineData("D1", "falco", "STEPS.md", "--namespace falco")]
    [InlineData("D3", "eks", "alerts.sh", "$.user.username = \"system:anonymous\"")]
    [InlineData("D4", "eks", "alerts.sh", "attempting to grant RBAC permissions not currently held")]
    [InlineData("D5", "eks", "alerts.sh", "$.objectRef.resource = secrets && $.objectRef.namespace NOT EXISTS")]
    [InlineData("D10", "shippers", "shipper.env", "VEDETTE_HOST=")]
    [InlineData("E18", "falco", "STEPS.md", "-l app.kubernetes.io/name=falco -c falco")]
    [InlineData("E19", "shippers", "STEPS.md", "owned by root")]
    public void The_right_form_is_rendered(string row, string platform, string file, string text)
    {
        Assert.NotEmpty(row);
        using SetupFixture setup = SetupFixture.Render(platform);
        Assert.Contains(text, setup.Text(file), StringComparison.Ordinal);
    }
}

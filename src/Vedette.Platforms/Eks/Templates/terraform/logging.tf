# The cluster itself is yours. In its resource:
#
#   resource "aws_eks_cluster" "…" {
#     enabled_cluster_log_types = ["audit", "authenticator"]
#     depends_on                = [aws_cloudwatch_log_group.audit]
#   }
#
# A log group that is there already: terraform import aws_cloudwatch_log_group.audit "/aws/eks/$CLUSTER/cluster"

locals {
  name      = "vedette-${var.cluster}"
  group     = "/aws/eks/${var.cluster}/cluster"
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
}

resource "aws_kms_key" "audit" {
  description         = "Audit log of ${var.cluster}"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "audit" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.audit.key_id
}

data "aws_iam_policy_document" "key" {
  statement {
    sid       = "AccountAdministersKey"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }

  statement {
    sid       = "LogGroupUsesKey"
    actions   = ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${local.partition}:logs:${var.region}:${local.account}:log-group:${local.group}"]
    }
  }
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = local.group
  retention_in_days = var.retention_days
  kms_key_id        = aws_kms_key.audit.arn

  lifecycle {
    prevent_destroy = true
  }
}

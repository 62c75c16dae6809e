# Audit events as they come: subscription filter -> Firehose -> «DESTINATION».

locals {
  bucket = "${local.name}-audit-${local.account}-${var.region}"
}

resource "aws_s3_bucket" "archive" {
  bucket              = local.bucket
  object_lock_enabled = true
}

resource "aws_s3_bucket_public_access_block" "archive" {
  bucket                  = aws_s3_bucket.archive.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

# GOVERNANCE can be lifted by who has s3:BypassGovernanceRetention; COMPLIANCE by nobody, not even AWS.
resource "aws_s3_bucket_object_lock_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = var.archive_days
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    id     = "retention"
    status = "Enabled"

    filter {}

    expiration {
      days = var.archive_days + 1
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }
}

resource "aws_iam_role" "firehose" {
  name = "${local.name}-firehose"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "firehose.amazonaws.com" }
      Condition = { StringEquals = { "sts:ExternalId" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "firehose" {
  name = "${local.name}-firehose"
  role = aws_iam_role.firehose.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:PutObject"]
      Resource = [aws_s3_bucket.archive.arn, "${aws_s3_bucket.archive.arn}/*"]
    }]
  })
}

resource "aws_iam_role" "subscription" {
  name = "${local.name}-subscription"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "logs.amazonaws.com" }
      Condition = { StringLike = { "aws:SourceArn" = "${aws_cloudwatch_log_group.audit.arn}:*" } }
    }]
  })
}

resource "aws_iam_role_policy" "subscription" {
  name = "${local.name}-subscription"
  role = aws_iam_role.subscription.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["firehose:PutRecord", "firehose:PutRecordBatch"]
      Resource = aws_kinesis_firehose_delivery_stream.audit.arn
    }]
  })
}

resource "aws_kinesis_firehose_delivery_stream" "audit" {
  name = local.name

  server_side_encryption {
    enabled = true
  }

«STREAM»
}

# Only audit events are JSON with this kind; the authenticator's lines are not.
resource "aws_cloudwatch_log_subscription_filter" "audit" {
  name            = "vedette"
  log_group_name  = aws_cloudwatch_log_group.audit.name
  filter_pattern  = "{ $.kind = \"Event\" }"
  destination_arn = aws_kinesis_firehose_delivery_stream.audit.arn
  role_arn        = aws_iam_role.subscription.arn

  depends_on = [aws_iam_role_policy.subscription]
}

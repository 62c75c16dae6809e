  destination = "extended_s3"

  extended_s3_configuration {
    role_arn            = aws_iam_role.firehose.arn
    bucket_arn          = aws_s3_bucket.archive.arn
    prefix              = "audit/"
    error_output_prefix = "errors/"
    buffering_size      = 5
    buffering_interval  = 60
  }

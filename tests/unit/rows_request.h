/* Written by make_rows.py request; do not edit. */
/* clang-format off */
static const char request_bytes[] =
     "POST / HTTP/1.1\015\012Host: personalize.us-east-1.amazo"
     "naws.com\015\012Content-Type: application/x-amz-json-1.1"
     "\015\012X-Amz-Target: AmazonPersonalize.CreateBatchSegme"
     "ntJob\015\012X-Amz-Date: 20260101T000000Z\015\012X-Amz-S"
     "ecurity-Token: IQoJb3JpZ2luX2VjEXAMPLETOKEN\015\012Conte"
     "nt-Length: 506\015\012User-Agent: segjob/"
     VERSION_TEXT
     "\015\012Authorization: AWS4-HMAC-SHA256 Credential=AKIDE"
     "XAMPLE/20260101/us-east-1/personalize/aws4_request, Sign"
     "edHeaders=content-type;host;x-amz-date;x-amz-security-to"
     "ken;x-amz-target, Signature=3a9e4983e3310e75b1acf9bf58cd"
     "4ec105589f48ddaeb5c1432c9ade4c5f6902\015\012\015\012{\"j"
     "obName\":\"nightly\",\"solutionVersionArn\":\"arn:aws:pe"
     "rsonalize:us-east-1:123456789012:solution/s/v\",\"filter"
     "Arn\":\"arn:aws:personalize:us-east-1:123456789012:filte"
     "r/everything-that-was-not-seen\",\"numResults\":25,\"job"
     "Input\":{\"s3DataSource\":{\"path\":\"s3://bucket/users."
     "json\"}},\"jobOutput\":{\"s3DataDestination\":{\"path\":"
     "\"s3://bucket/segments/\",\"kmsKeyArn\":\"arn:aws:kms:us"
     "-east-1:123456789012:key/mrk-1234abcd\"}},\"roleArn\":\""
     "arn:aws:iam::123456789012:role/r\",\"tags\":[{\"tagKey\""
     ":\"cost-centre\",\"tagValue\":\"hush-hush\"}]}";

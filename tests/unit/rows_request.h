/* Written by make_rows.py request; do not edit. */
/* clang-format off */
static const char request_bytes[] =
     "POST / HTTP/1.1\015\012Host: personalize.us-east-1.amazo"
     "naws.com\015\012Content-Type: application/x-amz-json-1.1"
     "\015\012X-Amz-Target: AmazonPersonalize.CreateBatchSegme"
     "ntJob\015\012X-Amz-Date: 20260101T000000Z\015\012X-Amz-S"
     "ecurity-Token: IQoJb3JpZ2luX2VjEXAMPLETOKEN\015\012Conte"
     "nt-Length: 479\015\012Connection: close\015\012User-Agen"
     "t: segjob/"
     VERSION_TEXT
     "\015\012Authorization: AWS4-HMAC-SHA256 Credential=AKIDE"
     "XAMPLE/20260101/us-east-1/personalize/aws4_request, Sign"
     "edHeaders=content-type;host;x-amz-date;x-amz-security-to"
     "ken;x-amz-target, Signature=776eecc3cd9cee1c38c20ddb69e2"
     "6f24a0f0ba0b3fd4a25a16e9fba07ccc922d\015\012\015\012{\"j"
     "obName\":\"nightly\",\"solutionVersionArn\":\"arn:aws:pe"
     "rsonalize:us-east-1:123456789012:solution/s/v\",\"filter"
     "Arn\":\"arn:aws:personalize:us-east-1:123456789012:filte"
     "r/f\",\"numResults\":25,\"jobInput\":{\"s3DataSource\":{"
     "\"path\":\"s3://bucket/users.json\"}},\"jobOutput\":{\"s"
     "3DataDestination\":{\"path\":\"s3://bucket/segments/\","
     "\"kmsKeyArn\":\"arn:aws:kms:us-east-1:123456789012:key/m"
     "rk-1234abcd\"}},\"roleArn\":\"arn:aws:iam::123456789012:"
     "role/r\",\"tags\":[{\"tagKey\":\"cost-centre\",\"tagValu"
     "e\":\"hush-hush\"}]}";

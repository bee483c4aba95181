/* Written by make_rows.py sign; do not edit. */
/* clang-format off */
static const struct sign_row {
    int line;
    const char *name, *service;
    size_t secret_len; /* 0: AWS's example */
    size_t token_len;
    const char *region, *host;
    uint16_t port;
    const char *path, *date, *type, *body, *authorization;
} sign_rows[] = {
    {__LINE__, "sts",
     "sts",
     0,
     0,
     "eu-west-1",
     "sts.eu-west-1.amazonaws.com",
     0,
     "/",
     "20260101T000000Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "Action=AssumeRole&Version=2011-06-15",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west"
     "-1/sts/aws4_request, SignedHeaders=content-type;host;x-a"
     "mz-date, Signature=5f5b69e15de0bf34c73f25a70b99a8c0c4c46"
     "8a305ec72b1533e45e2a5f24f34"},
    {__LINE__, "sts, token",
     "sts",
     0,
     356,
     "eu-west-1",
     "sts.eu-west-1.amazonaws.com",
     0,
     "/",
     "20260101T000000Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "Action=AssumeRole&Version=2011-06-15",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west"
     "-1/sts/aws4_request, SignedHeaders=content-type;host;x-a"
     "mz-date;x-amz-security-token, Signature=eef984d01afb0f73"
     "e7cee37d74587727f480a2759cbf20198094aac6b9211e60"},
    {__LINE__, "no body",
     "sts",
     0,
     0,
     "us-east-1",
     "sts.us-east-1.amazonaws.com",
     0,
     "/",
     "20260101T000000Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east"
     "-1/sts/aws4_request, SignedHeaders=content-type;host;x-a"
     "mz-date, Signature=0a277affe1b167d8618f605bed8e9517049db"
     "f7cc208a72bc3f3b6c896503381"},
    {__LINE__, "long body, secret of one block",
     "sts",
     60,
     2000,
     "us-gov-west-1",
     "sts.us-gov-west-1.amazonaws.com",
     0,
     "/",
     "20260101T000000Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCD"
     "EFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH"
     "IJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL"
     "MNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOP"
     "QRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRST"
     "UVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWX"
     "YZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZAB"
     "CDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF"
     "GHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-gov-"
     "west-1/sts/aws4_request, SignedHeaders=content-type;host"
     ";x-amz-date;x-amz-security-token, Signature=6a8d17cb7e3e"
     "0faa069d4587a874bc403d648edb7237a77d1bda7160fe216ecd"},
    {__LINE__, "secret over one block",
     "sts",
     61,
     1,
     "us-gov-west-1",
     "sts.us-gov-west-1.amazonaws.com",
     0,
     "/",
     "20260101T000000Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCD"
     "EFGHIJKL",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-gov-"
     "west-1/sts/aws4_request, SignedHeaders=content-type;host"
     ";x-amz-date;x-amz-security-token, Signature=30bb864aac9c"
     "8c899475775918e917078f62e31f89e4b15f373055188f456e3f"},
    {__LINE__, "China, FIPS, dual-stack",
     "sts",
     40,
     0,
     "cn-north-1",
     "sts-fips.cn-north-1.api.amazonwebservices.com.cn",
     0,
     "/",
     "20260228T235959Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "a=b",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260228/cn-nort"
     "h-1/sts/aws4_request, SignedHeaders=content-type;host;x-"
     "amz-date, Signature=72d3918fcdf3a60cfb64395ae69e2863db04"
     "31c24c0b41ae67b12864c0c264c3"},
    {__LINE__, "a port",
     "sts",
     0,
     9,
     "us-east-1",
     "localhost",
     8443,
     "/",
     "20260101T000000Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "a=b",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east"
     "-1/sts/aws4_request, SignedHeaders=content-type;host;x-a"
     "mz-date;x-amz-security-token, Signature=dc461290d317b7a6"
     "2f695dda45c1e84baba46f3342dfdaf46c0987cadb77734d"},
    {__LINE__, "an address",
     "sts",
     0,
     9,
     "us-east-1",
     "::1",
     8443,
     "/",
     "20260101T000000Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "a=b",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east"
     "-1/sts/aws4_request, SignedHeaders=content-type;host;x-a"
     "mz-date;x-amz-security-token, Signature=0e453bfd971368e4"
     "e816c9e372a49e7c2f51bb52204bdd986f40dbf8202d3fd5"},
    {__LINE__, "the last second",
     "sts",
     0,
     0,
     "us-east-1",
     "localhost",
     0,
     "/",
     "99991231T235959Z",
     "application/x-www-form-urlencoded; charset=utf-8",
     "a=b",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/99991231/us-east"
     "-1/sts/aws4_request, SignedHeaders=content-type;host;x-a"
     "mz-date, Signature=74ec3dc821af4936bb182f727ee60ea20dfe6"
     "26e29320fc49055ec4bd2939fbc"},
    {__LINE__, "another service and path",
     "rolesanywhere",
     0,
     12,
     "eu-west-1",
     "rolesanywhere.eu-west-1.amazonaws.com",
     0,
     "/sessions",
     "20260101T000000Z",
     "application/json",
     "{\"a\":\"\303\274\"}",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west"
     "-1/rolesanywhere/aws4_request, SignedHeaders=content-typ"
     "e;host;x-amz-date;x-amz-security-token, Signature=c23acf"
     "1f12739ce511cbdb66a0162d4c2d7f0698def212214f8b55d508dd2c"
     "46"},
    {__LINE__, "one more",
     "iot-data.x",
     8,
     0,
     "ap-south-1",
     "data.example",
     1,
     "/a/b.c",
     "20260101T000000Z",
     "text/plain",
     "x",
     "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/ap-sout"
     "h-1/iot-data.x/aws4_request, SignedHeaders=content-type;"
     "host;x-amz-date, Signature=07cfb1571054c0d183101313ab992"
     "f64948d7d90718b89784e5fa87b738f91a6"},
};

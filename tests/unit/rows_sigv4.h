/* Written by make_rows.py sigv4; do not edit. */
/* clang-format off */
static const struct sigv4_row {
    int line;
    const char *name;
    size_t secret_len; /* 0: AWS's example */
    size_t token_len;
    const char *region, *host, *date, *body, *signature;
} sigv4_rows[] = {
    {__LINE__, "plain", 0, 0,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "{}",
     "634276343345f980c69d36c11708004f369bc7f7930dc8b6429ac5fe"
     "d904891a"},
    {__LINE__, "no body", 0, 0,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "",
     "dc82faff71e506cc434fe8b6ef47e9ea912e10f1c507fdb469a1a352"
     "ffc9249e"},
    {__LINE__, "body not ASCII", 0, 0,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "\"\303\274\360\237\230\200\"",
     "f9f2d0d10412c628beae2e6592b3955b9be90045df769d9d7818dbfa"
     "934bb248"},
    {__LINE__, "body of two blocks", 0, 0,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCD"
     "EFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH"
     "IJKLMNOP",
     "0de3c2ad0462f16b8432268793ad912ae8e0a149ccd5a7e7c33ea9b5"
     "75b6efec"},
    {__LINE__, "token of 1", 0, 1,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "{}",
     "a0e0b9d15eada3afd614197603404c26839455b23e3c1d3b6e7ded1a"
     "e4ba5899"},
    {__LINE__, "token of 356", 0, 356,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "{}",
     "446ec1090a3b831445618b7db3c5aabd1efc69120a3d2e9ed5cf20b2"
     "ab3ebf90"},
    {__LINE__, "token of 8192", 0, 8192,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "{}",
     "7529c7b34c9d93e99c02592282cea67287f15b4ccb6979121a474673"
     "ccb79e86"},
    {__LINE__, "secret of 1", 1, 0,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "{}",
     "3e31eeb6278954fbc81e09a3f26a114a12fa728d6144eef969e9adc8"
     "915bdff5"},
    {__LINE__, "secret of one block", 60, 0,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "{}",
     "5b460c59f0b265450186a6f27f72e8004fd4fde039787e2488f5cbed"
     "4f8f8878"},
    {__LINE__, "secret over one block", 61, 0,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "{}",
     "1f0907dae580196f4d9f295c31c8b7bc0c6d2f7a17164aa26196b496"
     "63280d96"},
    {__LINE__, "secret of 128, token", 128, 40,
     "us-east-1",
     "personalize.us-east-1.amazonaws.com",
     "20260101T000000Z",
     "{}",
     "75cb94e1a64cb41ea8efb1f62763c633729922b0d2f17c3c82026254"
     "4cededa2"},
    {__LINE__, "host with port", 0, 0,
     "us-east-1",
     "localhost:8443",
     "20260101T000000Z",
     "{}",
     "a340f4c1414537dc56ceeaf6df2bb387c47c314f0c3884a1d5eff4ba"
     "d9cf1735"},
    {__LINE__, "China", 0, 0,
     "cn-north-1",
     "personalize.cn-north-1.amazonaws.com.cn",
     "20260228T235959Z",
     "{}",
     "db48c43f7f5f17ec3dddf01c1745f294cf89fe29ac14c4d6cc9b7bb3"
     "dfd25959"},
    {__LINE__, "longest region", 0, 0,
     "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
     "rrrrrrr",
     "localhost:1",
     "20260101T000000Z",
     "{}",
     "73faf490d58e68cf8e12eacb55e456801c5d0264db76c5d83b11ac95"
     "baba91ba"},
    {__LINE__, "last second", 0, 0,
     "eu-west-1",
     "personalize.eu-west-1.amazonaws.com",
     "99991231T235959Z",
     "{}",
     "294ddcf720cdb41ac57612f10772595e36e0e8c0cab72670f7c7106e"
     "65377f42"},
};

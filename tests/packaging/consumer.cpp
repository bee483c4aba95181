// A user's C++ program: the headers are valid C++, functions have C linkage, and
// types need no `struct` or `enum`.
#include "segjob.h"
#include "segjob_anywhere.h"
#include "segjob_container.h"
#include "segjob_environment.h"
#include "segjob_fetch.h"
#include "segjob_imds.h"
#include "segjob_iot.h"
#include "segjob_json.h"
#include "segjob_port.h"
#include "segjob_posix.h"
#include "segjob_profile.h"
#include "segjob_proxy.h"
#include "segjob_run.h"
#include "segjob_sign.h"
#include "segjob_sockets.h"
#include "segjob_source.h"
#include "segjob_sts.h"
#include "segjob_text.h"
#include "segjob_tls.h"
#include "segjob_token_file.h"
#include "segjob_tunnel.h"
#include "segjob_uri.h"

// All public types, except those of main().
struct types {
    segjob_str str;
    segjob_s3 s3;
    segjob_tag tag;
    segjob_error error;
    segjob_job job;
    segjob_buffer buffer;
    segjob_credentials credentials;
    segjob_outcome outcome;
    segjob_field field;
    segjob_rule rule;
    segjob_want want;
    segjob_header header;
    segjob_fetch_request fetch_request;
    segjob_credentials_format format;
    segjob_read_error read_error;
    segjob_tunnel tunnel;
    segjob_io io;
    segjob_port_error port_error;
    segjob_address address;
    segjob_peer peer;
    segjob_wants wants;
    segjob_stream stream;
    segjob_platform platform;
    segjob_provider provider;
    segjob_port port;
    segjob_proxy_config proxy_config;
    segjob_proxy proxy;
    segjob_uri uri;
    segjob_tls_bounds bounds;
    segjob_tls tls;
    segjob_identity identity;
    segjob_sockets_tcp tcp;
    segjob_posix_platform posix_platform;
    segjob_source_kind kind;
    segjob_source source;
    segjob_anywhere_config anywhere_config;
    segjob_anywhere anywhere;
    segjob_iot_config iot_config;
    segjob_iot iot;
    segjob_container container;
    segjob_imds imds;
    segjob_sign sign;
    segjob_sts_config sts_config;
    segjob_sts sts;
    segjob_token_file token_file;
    segjob_environment_container environment;
    segjob_profile_setting setting;
    segjob_profile_section section;
    segjob_profile_file file;
    segjob_profile profile;
};

int main()
{
    static char work[4096];
    static segjob_client client;
    static segjob_posix posix;
    static segjob_anywhere anywhere;
    segjob_anywhere_config source = segjob_anywhere_config();
    segjob_config config = segjob_config();
    segjob_create_request job = segjob_create_request();

    config.region = SEGJOB_STR("us-east-1");
    if (segjob_posix_init(&posix, "/nonexistent.pem", nullptr) == SEGJOB_OK) {
        return segjob_run(&client, &posix.port, 1000);
    }
    segjob_status status = segjob_init(&client, &config, work, sizeof work);
    if (status != SEGJOB_OK || segjob_create(&client, &job) != SEGJOB_INVALID) {
        return 1;
    }
    status = segjob_anywhere_init(&anywhere, &source, work, sizeof work);
    return status == SEGJOB_CONFIG ? 0 : 1;
}

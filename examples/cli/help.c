#include "help.h"

#include <string.h>

#include "output.h"

static const char program[] =
    "segjob: create Amazon Personalize batch segment jobs, and follow them\n"
    "\n"
    "  segjob create [options]     create a job and print its ARN\n"
    "  segjob describe [options]   print a job\n"
    "  segjob list [options]       print all jobs\n"
    "  segjob wait [options]       wait until a job is done\n"
    "  segjob help [COMMAND]       this, or the command's options; so does\n"
    "                              --help\n"
    "  segjob --version\n"
    "\n"
    "Credentials, the first found:\n"
    "  AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN if\n"
    "  they are temporary; ignored if --profile is given\n"
    "  the profile in the credentials file, then in the config file\n"
    "  a container's endpoint, as in ECS, EKS and IoT Greengrass:\n"
    "  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, or\n"
    "  AWS_CONTAINER_CREDENTIALS_FULL_URI, with the token of\n"
    "  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or\n"
    "  AWS_CONTAINER_AUTHORIZATION_TOKEN\n"
    "  the role of an EC2 instance (IMDSv2), unless AWS_EC2_METADATA_DISABLED\n"
    "  is true; at AWS_EC2_METADATA_SERVICE_ENDPOINT if that is set\n"
    "Profiles with role_arn, web identity, SSO or credential_process are\n"
    "refused. --debug shows which source was used, and why others were not.\n"
    "\n"
    "Files: ~/.aws/credentials or AWS_SHARED_CREDENTIALS_FILE,\n"
    "       ~/.aws/config or AWS_CONFIG_FILE\n"
    "\n"
    "Exit codes:\n"
    "  0    done\n"
    "  129  SIGHUP\n"
    "  130  SIGINT, as by Ctrl-C\n"
    "  141  nobody reads standard output any more\n"
    "  143  SIGTERM; as with 129 and 130, it is said whether a job exists\n"
    "  252  a bad option or parameter\n"
    "  253  missing or bad configuration: credentials, region, certificates\n"
    "  254  the service refused, another job has the name, or the job "
    "failed\n"
    "  255  anything else: cannot connect, time-out, a bad response; and\n"
    "       whenever it is unknown whether the job exists, which is said\n";

static const char create_options[] =
    "segjob create: create a batch segment job and print its ARN\n"
    "\n"
    "The job:\n"
    "  --job-name NAME              required; 1 to 63 letters, digits, - and "
    "_\n"
    "  --solution-version-arn ARN   required\n"
    "  --role-arn ARN               required; a role that may read the input\n"
    "                               and write the output\n"
    "  --input-path S3-URI          required; a JSON file, or a folder, which\n"
    "                               should end in / since every key that\n"
    "                               begins with the path is taken\n"
    "  --output-path S3-URI         required; a folder, ending in /, apart\n"
    "                               from the input\n"
    "  --input-kms-key-arn ARN      key that the input is encrypted with\n"
    "  --output-kms-key-arn ARN     key to encrypt the output with\n"
    "  --filter-arn ARN             filter to apply\n"
    "  --num-results N              users in each segment; the service's\n"
    "                               default is 25, at most 5 million\n"
    "  --tag KEY=VALUE              a tag of the job; may be repeated\n"
    "  --cli-input-json FILE|-      all of the above in the API's own JSON,\n"
    "                               from a file (file:// before it or not) or\n"
    "                               standard input, at most 1 MiB; an option\n"
    "                               replaces its member, --tag all tags\n"
    "  --ensure                     a job that exists with this name and "
    "these\n"
    "                               parameters is a success; tags are not\n"
    "                               compared\n"
    "  --wait                       wait until the job is done, as `segjob\n"
    "                               wait` does\n"
    "  --poll-interval SECONDS      between two looks; 1 to 86400; else 60\n"
    "\n";

static const char describe_options[] =
    "segjob describe: print a job as reported by the service\n"
    "\n"
    "  --batch-segment-job-arn ARN  required\n"
    "\n";

static const char wait_options[] =
    "segjob wait: wait until a job is ACTIVE, or has failed, and print "
    "it\n"
    "as reported by the service; meanwhile its status on standard error\n"
    "\n"
    "  --batch-segment-job-arn ARN  required\n"
    "  --poll-interval SECONDS      between two looks; 1 to 86400; else 60; a\n"
    "                               minute at least after one that failed\n"
    "\n";

static const char list_options[] =
    "segjob list: print all jobs as reported by the service\n"
    "\n"
    "  --solution-version-arn ARN   of this solution version alone\n"
    "\n";

static const char common_options[] =
    "The service:\n"
    "  --region REGION              else AWS_REGION, AWS_DEFAULT_REGION, the\n"
    "                               profile's region\n"
    "  --profile NAME               else AWS_PROFILE, default\n"
    "  --endpoint-url URL           https://HOST[:PORT], or http:// to\n"
    "                               loopback; else\n"
    "                               AWS_ENDPOINT_URL_PERSONALIZE,\n"
    "                               AWS_ENDPOINT_URL, the profile's\n"
    "                               endpoint_url, AWS's own for the region:\n"
    "                               with AWS_USE_FIPS_ENDPOINT=true and\n"
    "                               AWS_USE_DUALSTACK_ENDPOINT=true as they "
    "say\n"
    "  --ca-bundle FILE             certificates to trust, PEM; else\n"
    "                               AWS_CA_BUNDLE, the profile's ca_bundle,\n"
    "                               the system's\n"
    "                               (HTTPS_PROXY and NO_PROXY are used)\n"
    "  --timeout SECONDS            for all of it; such as 30 or 0.5; else "
    "60,\n"
    "                               and 10800 to wait for a job\n"
    "\n"
    "Other:\n"
    "  --output json|text           the API's JSON, or plain text: an ARN, a\n"
    "                               status, or a line for each job\n"
    "  --dry-run                    print the signed request, and do not "
    "send\n"
    "                               it\n"
    "  --debug                      show on standard error what happens\n"
    "  --version, --help\n"
    "\n"
    "An option's value follows it as --option VALUE or --option=VALUE; of a\n"
    "repeated one the last counts. `segjob --help` says where credentials "
    "are\n"
    "looked for, and the exit codes.\n";

void help_print(enum command command)
{
    const char *own = command == CREATE     ? create_options
                      : command == DESCRIBE ? describe_options
                      : command == LIST     ? list_options
                      : command == WAIT     ? wait_options
                                            : program;

    print_bytes(own, strlen(own));
    if (command != NO_COMMAND) {
        print_bytes(common_options, strlen(common_options));
    }
}

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
    "  segjob create-batch-segment-job [options]\n"
    "  segjob describe-batch-segment-job [options]\n"
    "  segjob list-batch-segment-jobs [options]\n"
    "                              as `aws personalize` has them, with the\n"
    "                              same options, output and exit codes; the\n"
    "                              word `personalize` may precede them\n"
    "  segjob help [COMMAND]       this, or the command's options; so does\n"
    "                              --help\n"
    "  segjob --version\n"
    "\n"
    "Credentials, the first found:\n"
    "  AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, with AWS_SESSION_TOKEN if\n"
    "  they are temporary; ignored if --profile is given\n"
    "  the profile's role (role_arn), with its source_profile or its\n"
    "  credential_source\n"
    "  AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, unless --profile is\n"
    "  given; or the profile's web_identity_token_file and role_arn\n"
    "  the profile's SSO (sso_account_id, sso_role_name)\n"
    "  its keys in the credentials file; the program that it names as its\n"
    "  credential_process; its keys in the config file\n"
    "  a container's endpoint, as in ECS, EKS and IoT Greengrass:\n"
    "  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, or\n"
    "  AWS_CONTAINER_CREDENTIALS_FULL_URI, with the token of\n"
    "  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or\n"
    "  AWS_CONTAINER_AUTHORIZATION_TOKEN\n"
    "  the role of an EC2 instance (IMDSv2), unless AWS_EC2_METADATA_DISABLED\n"
    "  is true; at AWS_EC2_METADATA_SERVICE_ENDPOINT if that is set\n"
    "Profiles with mfa_serial or login_session are refused. --debug shows\n"
    "which source was used, and why others were not.\n"
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
    "       whenever it is unknown whether the job exists, which is said\n"
    "\n"
    "Example:\n"
    "  segjob list --region us-east-1 --output table\n";

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
    "  --poll-interval SECONDS      between two looks; 1 to 86400; else 60\n";

static const char describe_options[] =
    "segjob describe: print a job as reported by the service\n"
    "\n"
    "  --batch-segment-job-arn ARN  required\n";

static const char wait_options[] =
    "segjob wait: wait until a job is ACTIVE, or has failed, and print "
    "it\n"
    "as reported by the service; meanwhile its status on standard error\n"
    "\n"
    "  --batch-segment-job-arn ARN  required\n"
    "  --poll-interval SECONDS      between two looks; 1 to 86400; else 60; a\n"
    "                               minute at least after one that failed\n";

static const char list_options[] =
    "segjob list: print all jobs as reported by the service\n"
    "\n"
    "  --solution-version-arn ARN   of this solution version alone\n";

static const char own_options[] =
    "  --timeout SECONDS            for all of it; such as 30 or 0.5; else "
    "60,\n"
    "                               and 10800 to wait for a job\n"
    "  --dry-run                    print the signed request, and do not "
    "send\n"
    "                               it\n"
    "\n";

static const char api_create[] =
    "segjob create-batch-segment-job: as `aws personalize` has it\n"
    "\n"
    "  --job-name NAME              required\n"
    "  --solution-version-arn ARN   required\n"
    "  --job-input LOCATION         required; such as\n"
    "                               s3DataSource={path=s3://bucket/users/}\n"
    "  --job-output LOCATION        required; such as\n"
    "                               s3DataDestination={path=s3://bucket/out/,\n"
    "                               kmsKeyArn=ARN}\n"
    "  --role-arn ARN               required\n"
    "  --filter-arn ARN\n"
    "  --num-results N\n"
    "  --tags TAG...                such as tagKey=team,tagValue=films\n";

static const char api_describe[] =
    "segjob describe-batch-segment-job: as `aws personalize` has it\n"
    "\n"
    "  --batch-segment-job-arn ARN  required\n";

static const char api_list[] =
    "segjob list-batch-segment-jobs: as `aws personalize` has it\n"
    "\n"
    "  --solution-version-arn ARN   of this solution version alone\n"
    "  --max-items N                print N jobs at most, and a NextToken\n"
    "  --starting-token TOKEN       go on at that NextToken\n"
    "  --page-size N                ask for pages of 1 to 100 jobs\n"
    "  --no-paginate                ask for one page\n"
    "  --max-results N, --next-token TOKEN\n"
    "                               the API's own: one page\n";

static const char api_options[] =
    "  --cli-input-json JSON        all of these in the API's own JSON;\n"
    "                               options replace its members\n"
    "  --generate-cli-skeleton [input|output]\n"
    "                               print such JSON, or a response, with\n"
    "                               samples, and send nothing\n"
    "\n"
    "A value may be JSON, or file://NAME, which is read. An option may be\n"
    "shortened to what no other begins with.\n"
    "\n"
    "  --cli-connect-timeout SECONDS, --cli-read-timeout SECONDS\n"
    "                               the longer is for all of it; 0: a day\n"
    "  --no-cli-pager, --no-cli-auto-prompt, --cli-binary-format FORMAT\n"
    "                               change nothing\n"
    "\n";

static const char common_options[] =
    "The service:\n"
    "  --region REGION              else AWS_REGION, AWS_DEFAULT_REGION, the\n"
    "                               profile's region\n"
    "  --profile NAME               else AWS_PROFILE, default\n"
    "  --endpoint-url URL           https://HOST[:PORT], or http:// to\n"
    "                               loopback; else\n"
    "                               AWS_ENDPOINT_URL_PERSONALIZE,\n"
    "                               AWS_ENDPOINT_URL, the profile's services\n"
    "                               section, the profile's endpoint_url,\n"
    "                               AWS's own for the region:\n"
    "                               with AWS_USE_FIPS_ENDPOINT=true and\n"
    "                               AWS_USE_DUALSTACK_ENDPOINT=true as they "
    "say\n"
    "  --ca-bundle FILE             certificates to trust, PEM; else\n"
    "                               AWS_CA_BUNDLE, the profile's ca_bundle,\n"
    "                               the system's\n"
    "HTTPS_PROXY and NO_PROXY are used. The number of attempts is that of\n"
    "AWS_MAX_ATTEMPTS and AWS_RETRY_MODE, else of the profile's max_attempts\n"
    "and retry_mode, else 3.\n"
    "\n"
    "Output, as the AWS CLI's:\n"
    "  --output json|text|table     else AWS_DEFAULT_OUTPUT, the profile's\n"
    "                               output, JSON; without --query jobs\n"
    "                               are a table on a terminal\n"
    "  --query EXPRESSION           print what this JMESPath finds, such as\n"
    "                               batchSegmentJobs[].jobName\n"
    "  --color on|off|auto          of a table; auto: on a terminal, without\n"
    "                               NO_COLOR\n"
    "  --debug                      show on standard error what happens\n"
    "  --version, --help\n"
    "\n"
    "An option's value follows it as --option VALUE or --option=VALUE; of a\n"
    "repeated one the last counts. `segjob --help` says where credentials "
    "are\n"
    "looked for, and the exit codes.\n";

#define ACCOUNT "arn:aws:personalize:us-east-1:123456789012:"
#define JOB_EXAMPLE                      \
    "      --batch-segment-job-arn \\\n" \
    "      " ACCOUNT "batch-segment-job/nightly\n"
#define NEW_JOB_EXAMPLE                      \
    "      --job-name nightly \\\n"          \
    "      --solution-version-arn \\\n"      \
    "      " ACCOUNT "solution/films/1 \\\n" \
    "      --role-arn arn:aws:iam::123456789012:role/PersonalizeS3 \\\n"

static const char create_example[] =
    "  segjob create --wait \\\n" NEW_JOB_EXAMPLE
    "      --input-path s3://bucket/users.json \\\n"
    "      --output-path s3://bucket/segments/\n";

static const char describe_example[] =
    "  segjob describe --query batchSegmentJob.status --output text "
    "\\\n" JOB_EXAMPLE;

static const char list_example[] =
    "  segjob list --query \"batchSegmentJobs[?status=='ACTIVE'].jobName\"\n";

static const char wait_example[] =
    "  segjob wait --poll-interval 300 --timeout 7200 \\\n" JOB_EXAMPLE;

static const char api_create_example[] =
    "  segjob personalize create-batch-segment-job \\\n" NEW_JOB_EXAMPLE
    "      --job-input 's3DataSource={path=s3://bucket/users.json}' \\\n"
    "      --job-output 's3DataDestination={path=s3://bucket/segments/}'\n";

static const char api_describe_example[] =
    "  segjob personalize describe-batch-segment-job --output text "
    "\\\n" JOB_EXAMPLE;

static const char api_list_example[] =
    "  segjob personalize list-batch-segment-jobs --max-items 10 \\\n"
    "      --query 'batchSegmentJobs[].[jobName,status]' --output text\n";

static void print(const char *text)
{
    print_bytes(text, strlen(text));
}

void help_print(enum command command)
{
    static const struct {
        enum command command;
        const char *own, *more, *example;
    } pages[] = {
        {CREATE, create_options, own_options, create_example},
        {DESCRIBE, describe_options, own_options, describe_example},
        {LIST, list_options, own_options, list_example},
        {WAIT, wait_options, own_options, wait_example},
        {API_CREATE, api_create, api_options, api_create_example},
        {API_DESCRIBE, api_describe, api_options, api_describe_example},
        {API_LIST, api_list, api_options, api_list_example},
    };

    if (command == NO_COMMAND) {
        print(program);
        return;
    }
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (pages[i].command == command) {
            print(pages[i].own);
            print(pages[i].more);
            print(common_options);
            print("\nExample:\n");
            print(pages[i].example);
        }
    }
}

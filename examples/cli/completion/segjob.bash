# Completion of segjob for bash; `. segjob.bash` tries it.
#
# The options are those of `segjob help COMMAND`: tests/awscli compares them.

_segjob_own="create describe list wait"
_segjob_api="create-batch-segment-job describe-batch-segment-job
list-batch-segment-jobs"

# Options that take no value.
_segjob_flags=" --debug --dry-run --ensure --help --no-cli-auto-prompt \
--no-cli-pager --no-paginate --version --wait "

_segjob_regions="ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1
ap-southeast-2 ca-central-1 cn-north-1 eu-central-1 eu-west-1 us-east-1
us-east-2 us-west-2"

_segjob_options() { # COMMAND
    local all="--region --profile --endpoint-url --ca-bundle --output --query
        --color --debug --version --help"
    local own="--timeout --dry-run $all"
    local api="--cli-input-json --generate-cli-skeleton --cli-connect-timeout
        --cli-read-timeout --no-cli-pager --no-cli-auto-prompt
        --cli-binary-format $all"
    local job="--batch-segment-job-arn" version="--solution-version-arn"
    local new="--job-name $version --role-arn --filter-arn --num-results"

    case $1 in
    create)
        echo "$new --input-path --output-path --input-kms-key-arn" \
            "--output-kms-key-arn --tag --cli-input-json --ensure --wait" \
            "--poll-interval $own"
        ;;
    describe) echo "$job $own" ;;
    list) echo "$version $own" ;;
    wait) echo "$job --poll-interval $own" ;;
    create-batch-segment-job)
        echo "$new --job-input --job-output --tags $api"
        ;;
    describe-batch-segment-job) echo "$job $api" ;;
    list-batch-segment-jobs)
        echo "$version --max-items --starting-token --page-size" \
            "--no-paginate --max-results --next-token $api"
        ;;
    *) echo "--version --help" ;;
    esac
}

# The sections of the config file are [default] and [profile NAME].
_segjob_profiles() {
    local config=${AWS_CONFIG_FILE:-"~/.aws/config"}
    local keys=${AWS_SHARED_CREDENTIALS_FILE:-"~/.aws/credentials"}

    sed -n 's/^\[default\].*/default/p
        s/^\[profile[[:blank:]]\{1,\}\([^]]*\)\].*/\1/p' \
        "${config/#"~/"/$HOME/}" 2>/dev/null | tr -d "\"'"
    sed -n 's/^\[\([^]]*\)\].*/\1/p' "${keys/#"~/"/$HOME/}" 2>/dev/null
}

# Offer the words that begin with $value, after $before.
_segjob_offer() { # WORD...
    local word

    for word; do
        if [[ $word == "$value"* ]]; then
            COMPREPLY+=("$before$word")
        fi
    done
}

_segjob_offer_profiles() {
    local name

    while read -r name; do
        if [[ $name == "$value"* ]]; then
            COMPREPLY+=("$before$(printf %q "$name")")
        fi
    done < <(_segjob_profiles | sort -u)
}

# Files, with file:// before them or not.
_segjob_offer_files() {
    local name

    if [[ $value == file://* ]]; then
        value=${value#file://}
        before+=file://
    fi
    compopt -o filenames 2>/dev/null
    while read -r name; do
        if [[ -d ${name/#"~/"/$HOME/} ]]; then
            name+=/
            compopt -o nospace 2>/dev/null
        fi
        COMPREPLY+=("$before$name")
    done < <(compgen -f -- "$value")
}

_segjob_offer_values() { # OPTION COMMAND
    case $1 in
    --output) _segjob_offer json text table ;;
    --color) _segjob_offer auto on off ;;
    --generate-cli-skeleton) _segjob_offer input output ;;
    --cli-binary-format) _segjob_offer base64 raw-in-base64-out ;;
    --region) _segjob_offer $_segjob_regions ;;
    --profile) _segjob_offer_profiles ;;
    --ca-bundle) _segjob_offer_files ;;
    *)
        if [[ $value == file://* && $2 == *-batch-segment-job* ||
            "$1 $2" == "--cli-input-json create" ]]; then
            _segjob_offer_files
        fi
        ;;
    esac
}

# The word `personalize` before the API's commands is optional.
_segjob_offer_commands() { # the word before: "", help or personalize
    case $1 in
    help) _segjob_offer $_segjob_own $_segjob_api ;;
    personalize) _segjob_offer $_segjob_api help ;;
    *)
        _segjob_offer $_segjob_own help personalize
        if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
            _segjob_offer $_segjob_api
        fi
        ;;
    esac
}

# Set `words` to those up to the cursor. COMP_WORDBREAKS has split them at = and
# : as well, as in --option=VALUE and file://NAME.
_segjob_join() {
    local i word

    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word =~ ^[=:]+$ ||
            ${COMP_WORDS[i - 1]} =~ ^[=:]+$ && $word == [!-]* ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
}

# Set `command`, the word before it, and the option whose value comes next.
_segjob_read() { # WORD...
    local word

    for word; do
        case $word in
        -*=*) option= ;;
        -*)
            option=$word
            if [[ $_segjob_flags == *" $word "* ]]; then
                option=
            fi
            ;;
        *)
            if [[ -n $option ]]; then
                option=
            elif [[ $word == help || $word == personalize ]]; then
                before_command=$word
            else
                command=${command:-$word}
            fi
            ;;
        esac
    done
}

# Readline replaces only what follows the last break of the word.
_segjob_cut() { # WORD
    local breaks=${COMP_WORDBREAKS//[!=:]/} cut

    if [[ -n $breaks ]]; then
        cut=${1%"${1##*[$breaks]}"}
        COMPREPLY=("${COMPREPLY[@]#"$cut"}")
    fi
}

_segjob() {
    local command= before_command= option= before= value last
    local -a words=()

    COMPREPLY=()
    _segjob_join
    last=$((${#words[@]} - 1))
    value=${words[last]}
    _segjob_read "${words[@]:0:last}"
    if [[ ${COMP_WORDS[COMP_CWORD - 1]} == *[\<\>] ]]; then
        _segjob_offer_files
    elif [[ $value == --*=* ]]; then
        option=${value%%=*}
        before=$option=
        value=${value#*=}
        _segjob_offer_values "$option" "$command"
        _segjob_cut "${words[last]}"
    elif [[ -n $option && $value != -* ]]; then
        _segjob_offer_values "$option" "$command"
        _segjob_cut "${words[last]}"
    elif [[ $value != -* && -z $command ]]; then
        _segjob_offer_commands "$before_command"
    elif [[ $before_command != help ]]; then
        _segjob_offer $(_segjob_options "$command")
    fi
}

complete -F _segjob segjob

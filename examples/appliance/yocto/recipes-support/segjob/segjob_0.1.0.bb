SUMMARY = "Create Amazon Personalize batch segment jobs"
DESCRIPTION = "Command and C library that create Amazon Personalize batch \
segment jobs and follow them to completion."
SECTION = "console/network"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=657aa13a3317571a13b4a18fa0ca73b4"

DEPENDS = "jsmn mbedtls"

# There is no download address: the tarball lies in files/ beside this recipe.
SRC_URI = "file://${BP}.tar.gz"

inherit cmake bash-completion

EXTRA_OECMAKE = "-DBUILD_TESTING=OFF"

PACKAGE_BEFORE_PN += "${PN}-zsh-completion"
FILES:${PN}-zsh-completion = "${datadir}/zsh"

RRECOMMENDS:${PN} = "ca-certificates"

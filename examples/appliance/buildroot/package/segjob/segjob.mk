################################################################################
#
# segjob
#
################################################################################

SEGJOB_VERSION = 0.1.0
# There is no download address: the sources are those around this folder.
SEGJOB_SITE = $(BR2_EXTERNAL_SEGJOB_PATH)/../../..
SEGJOB_SITE_METHOD = local
SEGJOB_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build
SEGJOB_LICENSE = MIT
SEGJOB_LICENSE_FILES = LICENSE
SEGJOB_INSTALL_STAGING = YES
SEGJOB_DEPENDENCIES = jsmn mbedtls

# The libraries are static, and go to staging alone, as the headers do: the
# device gets one file.
SEGJOB_CONF_OPTS = -DBUILD_SHARED_LIBS=OFF

define SEGJOB_INSTALL_TARGET_CMDS
	$(INSTALL) -D -m 0755 $(@D)/segjob $(TARGET_DIR)/usr/bin/segjob
endef

$(eval $(cmake-package))

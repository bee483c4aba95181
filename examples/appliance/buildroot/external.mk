include $(sort $(wildcard $(BR2_EXTERNAL_SEGJOB_PATH)/package/*/*.mk))

#include "around.c"

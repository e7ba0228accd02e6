// SPDX-License-Identifier: Apache-2.0

#ifndef CVESTIBULE_PNG_H
#define CVESTIBULE_PNG_H

#include <string.h>

#include <png.h>

// An image of eight-bit RGB, ready for libpng's simplified interface (the other one reports
// errors by longjmp, which must not cross Swift's frames).
static inline png_image vestibule_png_rgb(png_uint_32 width, png_uint_32 height) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.format = PNG_FORMAT_RGB;
    image.width = width;
    image.height = height;
    return image;
}

#endif

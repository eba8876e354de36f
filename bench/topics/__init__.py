"""One module for each topic. `rows(run)` yields its Rows; NAME and TITLE name it, and what it compares itself with is
told by LIBRARIES (for the versions), THREADS and CLOCK. The order here is that of the document."""

from . import inference, latents, metrics, pipeline, rans, small_streams, transforms

ALL = {topic.NAME: topic for topic in (rans, small_streams, transforms, metrics, pipeline, inference, latents)}

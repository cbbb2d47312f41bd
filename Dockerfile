# FashionM3 on the CPU: the assistant, or the FashionVLM server. Untried: no Docker was at hand when it was written.
#   docker build -t fashionm3 .
#   docker run -p 7860:7860 -v fashionm3:/data -e FASHIONM3_TOKENS=ana=… fashionm3
FROM python:3.11-slim

# skia and MediaPipe's runtime draw without a screen and want these libraries all the same.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgl1 libegl1 libgles2 libfontconfig1 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
# Torch first and alone: its layer is large and seldom changes.
RUN pip install --no-cache-dir torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu
COPY . .
RUN pip install --no-cache-dir .

RUN useradd --create-home --uid 10001 fashionm3 && install -d -o fashionm3 /data
USER fashionm3
ENV FASHIONM3_HOME=/data \
    FASHIONM3_HOST=0.0.0.0 \
    FASHIONM3_VLM_HOST=0.0.0.0
VOLUME /data
EXPOSE 7860 8000
ENTRYPOINT ["fashionm3"]
CMD ["serve"]

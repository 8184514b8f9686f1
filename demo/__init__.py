"""The whole story on one machine, told through public seams: git, HTTP and the process provider."""

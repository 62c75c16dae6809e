    «NAME» = {
      threshold = «THRESHOLD»
      title     = "«TITLE»"
    }

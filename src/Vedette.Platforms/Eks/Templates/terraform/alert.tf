    «NAME» = {
      metric    = "«METRIC»"
      threshold = «THRESHOLD»
      title     = "«TITLE»"
      pattern   = "«PATTERN»"
    }
